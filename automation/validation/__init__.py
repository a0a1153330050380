"""What is checked before anything is touched. A check returns a fact and never raises."""
