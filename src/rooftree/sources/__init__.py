"""Reads an extract as it is, whatever it is; remembers file, hash and row. Nothing is interpreted here."""
