"""`python -m automation`: the command line."""

import signal

# While modules are imported nobody is there to say that it was interrupted: end without a word.
signal.signal(signal.SIGINT, signal.SIG_DFL)

from automation.main import main  # noqa: E402

main()
