"""The made-up landlord: believable, seeded, of any size, with the truth kept apart. Invented names only."""
