"""Synthetic requests through the public address: one by one, steadily, and as a bounded load."""
