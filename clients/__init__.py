"""Clients of services that the program and the driver both call. They know neither of the two."""
