"""Purposes, sensitivity, permissions and retention: pure functions that say yes or no, and why."""
