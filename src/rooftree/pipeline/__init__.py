"""Runs the stages in order and publishes the snapshot; holds no business rule."""
