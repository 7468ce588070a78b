"""Loads and checks the definitions; a landlord's own folder overlays the shipped ones by key."""
