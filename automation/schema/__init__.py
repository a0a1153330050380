"""The schema in one deployment: changed with it, brought back with it, recovered after it."""
