"""Where secrets that the operator gives are kept."""
