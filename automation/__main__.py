"""`python -m automation`: the command line."""

# The module in C: it is there at once, where `signal` itself takes its time to be imported.
import _signal  # type: ignore[import-not-found]

# While modules are imported nobody is there to say that it was interrupted: end without a word.
_signal.signal(_signal.SIGINT, _signal.SIG_DFL)

from automation.main import main  # noqa: E402

main()
