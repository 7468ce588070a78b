"""Rooftree: know who lives in your homes, so that services reach those who need them."""

__version__ = "0.1.0"
