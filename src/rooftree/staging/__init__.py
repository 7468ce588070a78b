"""Extracts into the canonical tables: typed, checked, every row accepted or rejected with a reason."""
