"""What was observed, and the documents that are made of it: facts first, rendering second."""
