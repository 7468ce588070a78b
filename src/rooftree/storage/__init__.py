"""Engines, table schemas, snapshots and the run record: where tables live, and nothing about what they mean."""
