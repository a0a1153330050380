"""The resources of an environment as data: declared as for the engine, with nothing made."""
