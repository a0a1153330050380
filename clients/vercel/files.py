"""The files of a prebuilt folder, as deployments name them: by their SHA-1."""

import hashlib
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from clients.vercel.transport import Api, Json

AT_ONCE = 8


@dataclass(frozen=True)
class File:
    """A file of a deployment: `path` is relative to its folder, `source` where it lies here."""

    path: str
    sha: str
    size: int
    mode: int
    source: Path

    def json(self) -> Json:
        """Return what a deployment says of it."""
        return {"file": self.path, "sha": self.sha, "size": self.size, "mode": self.mode}

    def content(self) -> bytes:
        """Return what is uploaded: of a link, where it leads."""
        if self.source.is_symlink():
            return os.fsencode(self.source.readlink())
        return self.source.read_bytes()


def listed(folder: Path) -> list[File]:
    """List the files of a folder in a fixed order; links stay links."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() or path.is_symlink():
            file = File(str(path.relative_to(folder)), "", 0, path.lstat().st_mode, path)
            data = file.content()
            digest = hashlib.sha1(data, usedforsecurity=False).hexdigest()
            found.append(File(file.path, digest, len(data), file.mode, path))
    return found


def upload(api: Api, files: Iterable[File], missing: Iterable[str]) -> None:
    """Upload those files whose SHA-1 Vercel does not have. To repeat it does no harm."""
    by_sha: Mapping[str, File] = {file.sha: file for file in files}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in [pool.submit(_upload, api, by_sha[sha]) for sha in missing]:
            done.result()


def _upload(api: Api, file: File) -> None:
    headers = {"x-vercel-digest": file.sha, "content-type": "application/octet-stream"}
    api.call("POST", "/v2/files", file.content(), headers=headers, repeatable=True)
