"""Give up root's rights for programs that refuse to run with them."""

import os
import shutil
from pathlib import Path

NOBODY = 65534


def unprivileged() -> list[str]:
    """Return the command prefix for programs that refuse to run as root, empty for other users.

    The user is nobody, the right to pass every folder is kept: the checkout may well be in a
    folder that only root may enter.
    """
    if os.geteuid() != 0:
        return []
    capability = "dac_override"
    return [
        # Without the security bit, access(2) leaves that right out, and initdb asks access(2)
        # whether the server's program is there: see PR_SET_SECUREBITS in capabilities(7).
        *("setpriv", "--securebits=+no_setuid_fixup"),
        *(f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"),
        *(f"--inh-caps=+{capability}", f"--ambient-caps=+{capability}"),
    ]


def hand_over(path: Path) -> None:
    """Give a file or folder to the user that unprivileged programs run as."""
    if unprivileged():
        shutil.chown(path, NOBODY, NOBODY)
