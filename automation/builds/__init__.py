"""Builds: from an application's sources to artifacts that a platform can start."""
