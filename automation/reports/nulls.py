"""The nulls of a report, and those among them that nobody explained."""

from collections.abc import Iterator, Mapping, Sequence

from automation.reports.model import DeploymentReport


def null_paths(value: object, path: str = "") -> Iterator[str]:
    """Yield the dotted path of every null in nested mappings and sequences."""
    if value is None:
        yield path
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from null_paths(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for index, item in enumerate(value):
            yield from null_paths(item, f"{path}.{index}")


def unexplained(report: DeploymentReport) -> list[str]:
    """List the paths of nulls whose reason is missing or empty in `details`."""
    fields = report.model_dump(mode="json", exclude={"details"})
    return [path for path in null_paths(fields) if not report.details.get(path, "").strip()]
