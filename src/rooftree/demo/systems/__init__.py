"""What each of the landlord's systems writes down of the truth: its files, its codes, its mistakes."""
