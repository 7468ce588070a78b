"""Pages of exploring."""
