"""Small statistics that several packages share: intervals of proportions, multiplicity, power."""
