"""Run the command line. Only here is an error shown, and never as a traceback."""

import contextlib
import signal
import sys
import tempfile
import traceback
import warnings

import click

from automation.cli import slipway
from automation.errors import SlipwayError

DEFECT = 70
"""sysexits.h: an internal software error."""
INTERRUPTED = 130


def main() -> None:
    """Run the command line and exit with its code."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # as `nohup` does
            signal.signal(number, signal.default_int_handler)
    if not sys.warnoptions:
        # Warnings of libraries are for who develops with them: `python -W default` shows them.
        warnings.simplefilter("ignore")
    try:
        slipway(prog_name="slipway", standalone_mode=False)
    except click.exceptions.Abort:
        raise SystemExit(INTERRUPTED) from None
    except click.ClickException as error:
        error.show()
        raise SystemExit(error.exit_code) from None
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; nothing was being changed\n")
        raise SystemExit(INTERRUPTED) from None
    except SlipwayError as error:
        _show(error)
        raise SystemExit(error.exit_code) from None
    except OSError as error:
        _show(SlipwayError(f"{error.strerror}: {error.filename}", hint="Check disk and rights."))
        raise SystemExit(1) from None
    except Exception as error:  # noqa: BLE001 - a person is never shown a traceback
        _defect(error)
        raise SystemExit(DEFECT) from None


def _defect(error: Exception) -> None:
    with tempfile.NamedTemporaryFile(
        "w", prefix="slipway-", suffix=".traceback", delete=False
    ) as file:
        traceback.print_exception(error, file=file)
    _show(
        SlipwayError(
            f"unexpected: {type(error).__name__}",
            hint=f"This is a defect of Slipway; what is needed to find it is in {file.name}.",
        )
    )


def _show(error: SlipwayError) -> None:
    lines = [f"{error.outcome}: {error.message}"]
    lines += [f"  {line}" for each in error.details for line in each.splitlines()]
    with contextlib.suppress(BrokenPipeError):  # nobody reads it any more
        sys.stderr.write("\n".join([*lines, f"→ {error.hint}"]) + "\n")
        sys.stderr.flush()
