"""Extracts become canonical tables here: typed, checked, every row accepted or rejected with its reason."""
