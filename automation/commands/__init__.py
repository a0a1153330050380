"""One module per command. A function takes the parsed arguments and returns an exit code."""
