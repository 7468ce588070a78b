"""The current value of each attribute, with its history, its why, and how complete the picture is."""
