"""One record per person across systems; people, households, tenancies and homes as one graph over time."""
