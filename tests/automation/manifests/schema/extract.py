"""Write down the arguments of Terraform's types, from a package that was made of its providers.

    pip download --no-deps cdktf-cdktf-provider-aws==21.22.1
    python extract.py cdktf_cdktf_provider_aws-*.whl aws.json aws_vpc aws_subnet ...

Without types, those that the file has already are written again. Names of arguments are all that
is taken over; the package itself (HashiCorp, MPL-2.0) is needed for nothing else.
"""

import io
import json
import re
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

FUNCTION = re.compile(r"^function (\w+)ToTerraform\(struct\) \{.*?\n\}", re.MULTILINE | re.DOTALL)
ENTRY = re.compile(r"^\s+(\w+): (.+?),?$", re.MULTILINE)
CALL = re.compile(r"(?:cdktf\.(?:listMapper|hashMapper)\()?(\w+)ToTerraform\b(?:, (true|false)\))?")
PLAIN = re.compile(r"cdktf\.\w+ToTerraform")


def main(wheel: str, file: str, *types: str) -> None:
    known = json.loads(Path(file).read_text()) if Path(file).is_file() else {}
    with zipfile.ZipFile(wheel) as package:
        (name,) = (each for each in package.namelist() if each.endswith(".jsii.tgz"))
        content = package.read(name)
    wanted = {_folder(each): each for each in (types or known)}
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        for member in tar:
            found = re.fullmatch(r"package/lib/([\w-]+)/index\.js", member.name)
            if found and found.group(1) in wanted:
                stream = tar.extractfile(member)
                assert stream is not None
                known[wanted[found.group(1)]] = arguments(stream.read().decode())
    missing = set(wanted.values()) - set(known)
    if missing:
        sys.exit(f"the package has no {', '.join(sorted(missing))}")
    Path(file).write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")


def _folder(kind: str) -> str:
    if kind.startswith("data."):
        return "data-" + kind.removeprefix("data.").replace("_", "-")
    return kind.removeprefix("aws_").replace("_", "-")


def arguments(source: str) -> dict[str, Any]:
    """Return `null` for each argument, and an object of the same kind for each block."""
    functions = {found.group(1): found.group(0) for found in FUNCTION.finditer(source)}
    start = source.index("synthesizeAttributes() {")
    body = source[start : source.index("\n    }", start)]
    return _entries(body, functions)


def _entries(body: str, functions: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, made in ENTRY.findall(body):
        call = CALL.search(PLAIN.sub("", made))
        nested = call is not None and call.group(1) in functions and call.group(2) != "false"
        inside = functions[call.group(1)] if call is not None and nested else ""
        found[name] = _entries(inside, functions) if nested else None
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
