"""The exit codes, from the tree of errors."""

from collections.abc import Iterator

from automation.errors import SlipwayError
from automation.reference.tables import table

OTHERS = (
    (0, "deployed, unchanged", "It worked; `status`: what is live answers.", "Nothing."),
    (
        1,
        "none",
        "`status`: nothing is live, or it does not answer. Any command: the disk or the rights of "
        "a file.",
        "Read the message.",
    ),
    (2, "none", "The command line is wrong.", "`./slipway COMMAND --help`"),
    (
        70,
        "none",
        "A defect of Slipway. In `up` and `rollback` one ends with 6 or 7, and says `unexpected:`.",
        "Send the file that the message names, or `traceback.txt` of the deployment.",
    ),
)
"""Codes that no error class has: exit code, outcome, meaning, what to do."""


def exit_codes() -> str:
    """Return the table of exit codes, in their order."""
    found = {code: (outcome, meaning, remedy) for code, outcome, meaning, remedy in OTHERS}
    for each in _classes(SlipwayError):
        if each.exit_code not in found:
            meaning = (each.__doc__ or "").splitlines()[0]
            found[each.exit_code] = (each.outcome, meaning, each.hint)
    rows = [(f"`{code}`", *found[code]) for code in sorted(found)]
    return table(("Code", "Outcome", "Meaning", "What to do"), rows)


def _classes(root: type[SlipwayError]) -> Iterator[type[SlipwayError]]:
    for each in root.__subclasses__():
        # Other modules derive errors of their own; the tree of this one is the published one.
        if each.__module__ == root.__module__:
            yield each
            yield from _classes(each)
