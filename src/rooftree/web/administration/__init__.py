"""Users, roles, patches, the landlord's identity, settings and the health of sources and runs."""
