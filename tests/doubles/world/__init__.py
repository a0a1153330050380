"""What clouds would serve of what the doubles of the provider plugins hold."""
