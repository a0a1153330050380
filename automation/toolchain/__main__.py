"""`python -m automation.toolchain`: have the Pulumi tools ready, and print where they are."""

import sys

from automation.errors import SlipwayError
from automation.toolchain import pulumi


def main() -> int:
    """Print the folder of the Pulumi tools; progress and errors go to standard error."""
    try:
        tools = pulumi.locate(lambda line: print(line, file=sys.stderr, flush=True))  # noqa: T201
    except SlipwayError as problem:
        print(problem.message, *problem.details, problem.hint, sep="\n", file=sys.stderr)  # noqa: T201
        return problem.exit_code
    print(tools.bin)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
