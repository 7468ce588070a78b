"""Segments in the browser: read, written, approved."""
