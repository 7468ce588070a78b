"""Exploring numbers: a question, its chart, its table, and what may not be told."""
