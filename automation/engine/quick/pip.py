"""Answer `python -m pip list` as pip does, in a tenth of the time; all else is pip's own to answer.

The engine's language host asks it before every update, which was a fifth of an update.
"""

import json
import runpy
import sys
from pathlib import Path

ASKED = ["list", "-v", "--format", "json"]


def listed() -> list[dict[str, str]]:
    """Return name, version and folder of every package that is installed here.

    The folder `<name>-<version>.dist-info` says it, see "The .dist-info directory" of PyPA's
    specification; reading the metadata of all took most of the time.
    """
    found = (each for path in sys.path[1:] for each in Path(path).glob("*-*.dist-info"))
    return [
        {
            "name": each.stem.partition("-")[0],
            "version": each.stem.partition("-")[2],
            "location": str(each.parent),
        }
        for each in found
    ]


if __name__ == "__main__":
    if sys.argv[1:] == ASKED:
        sys.stdout.write(json.dumps(listed()))
    else:
        here = str(Path(__file__).parent)
        sys.path[:] = [path for path in sys.path if path != here]
        runpy.run_module("pip", run_name="__main__", alter_sys=True)
