"""Build the programs: `python -m tests.doubles.kubernetes`. Also says where they are."""

import sys

from tests.doubles.kubernetes.programs import Unavailable, programs

try:
    sys.stdout.write(f"{programs().bin}\n")
except Unavailable as reason:
    sys.exit(str(reason))
