#!/bin/sh
# Finds a Python that is new enough and lets it make the project's virtual environment.
# Arguments are those of install.py: `--dev` adds what the tests need.
set -eu

root=$(CDPATH='' cd -- "${0%/*}/../.." && pwd -P)
seen=
chosen=
for python in python3 python3.13 python3.12 python3.11 python3.14; do
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    case $version in
        3.1[1-9] | 3.[2-9][0-9]) chosen=$python && break ;;
    esac
    seen="$seen $python is $version;"
done
if [ -z "$chosen" ]; then
    echo "slipway: Python 3.11 or newer is needed;${seen:- there is no python3 on PATH.}" >&2
    echo "  Install one (on Debian 12 and later: apt-get install python3 python3-venv)" >&2
    echo "  and run this again." >&2
    exit 3
fi
cd -- "$root"
exec "$chosen" -m automation.toolchain.install "$@"
