"""Finding a customer and reading the record: cut to the role's purposes, kept to its patches, logged first."""
