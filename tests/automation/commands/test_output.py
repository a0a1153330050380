import os
import subprocess
import sys

PRINTS = (
    "from automation.commands.output import Output; Output({json}).{verb}('x' * {size}); exit(6)"
)


def ended(code: str) -> int:
    """The exit code of a program whose output nobody reads any more."""
    read, write = os.pipe()
    os.close(read)
    try:
        ran = subprocess.run([sys.executable, "-c", code], stdout=write, timeout=60, check=False)
    finally:
        os.close(write)
    return ran.returncode


def test_a_command_whose_output_nobody_reads_still_ends_with_its_own_exit_code():
    for json, verb in ((False, "text"), (True, "data")):
        for size in (1, 1_000_000):
            assert ended(PRINTS.format(json=json, verb=verb, size=size)) == 6
