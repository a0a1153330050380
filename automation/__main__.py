"""`python -m automation`: the command line."""

from automation.cli import main

main()
