"""The engine: nothing outside this folder knows the Automation API or runs its program."""
