"""Where host names lead."""
