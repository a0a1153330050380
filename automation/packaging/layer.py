"""One layer of an image, as a tar file that depends on nothing but names, modes and contents."""

import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path

LEFT_OUT = frozenset({"__pycache__"})
EPOCH = 0


def write(target: Path, folders: Mapping[str, Path]) -> None:
    """Write `target`: each folder's files at the path that names it, such as `app/src`.

    Sorted, without times and owners; everybody may read, and execute what can be executed here.
    """
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as tar:
        for parent in sorted({str(p) for at in folders for p in Path(at).parents} - {"."}):
            tar.addfile(_folder(parent))
        for at, folder in sorted(folders.items()):
            tar.addfile(_folder(at))
            for path in _walked(folder):
                _add(tar, f"{at}/{path.relative_to(folder).as_posix()}", path)


def _walked(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name in LEFT_OUT:
            continue
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from _walked(path)


def _add(tar: tarfile.TarFile, name: str, path: Path) -> None:
    if path.is_symlink():
        link = _entry(name, 0o777)
        link.type, link.linkname = tarfile.SYMTYPE, str(path.readlink())
        tar.addfile(link)
    elif path.is_dir():
        tar.addfile(_folder(name))
    elif path.is_file():
        entry = _entry(name, 0o755 if path.stat().st_mode & 0o111 else 0o644)
        entry.size = path.stat().st_size
        with path.open("rb") as content:
            tar.addfile(entry, content)


def _folder(name: str) -> tarfile.TarInfo:
    entry = _entry(name, 0o755)
    entry.type = tarfile.DIRTYPE
    return entry


def _entry(name: str, mode: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.mode, entry.mtime = mode, EPOCH
    return entry
