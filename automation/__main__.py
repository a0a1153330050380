"""`python -m automation`: the command line."""

from automation.main import main

main()
