"""Segments: groups of customers that are defined in one small language, found, explained and kept over time."""
