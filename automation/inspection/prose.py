"""The prose of the documents: what was inferred from which file, and what to check."""

from collections.abc import Iterable, Sequence

from automation.inspection.findings import Findings

NOTICE = (
    "Written by `slipway init` from what the application's files say. Nothing was run. Review it: "
    "what is wrong here is deployed wrongly."
)


def deployment(findings: Findings) -> str:
    """Explain services, variables and secrets, and list what a person must check."""
    parts = [f"# Deployment of {findings.name}", NOTICE]
    parts += ["## What was found", _table(("What", "Where", "Read from"), _services(findings))]
    if findings.assignments:
        rows = [
            (one.service, f"`{one.name}`", _gets(one.value, one.required), one.why, one.source)
            for one in findings.assignments
        ]
        header = ("Service", "Variable", "Gets", "Because", "Read in")
        parts += ["## Variables", _table(header, rows)]
    if findings.given:
        commands = [f"    pulumi config set --secret secrets:{name}" for name in findings.given]
        parts += ["## Secrets that you give, in each environment", "\n".join(commands)]
    if findings.sightings:
        parts += ["## Values that look like credentials", _sightings(findings)]
    return _joined([*parts, "## To check", _list(_checks(findings))])


def infrastructure(findings: Findings) -> str:
    """Explain where sizes are set."""
    return _joined(
        [
            f"# Infrastructure of {findings.name}",
            NOTICE,
            "Replicas, platforms and domains belong to an environment, in `Pulumi.<stack>.yaml`. "
            "The thresholds above are the usual ones, not measured ones.",
            "## To check",
            _list(["how much memory and how many database connections a replica needs"]),
        ]
    )


def database(findings: Findings) -> str:
    """Explain who owns the schema, or why there is no database."""
    found = findings.database
    if found is None:
        said = "Nothing in the application's files looks like a database, so it gets none."
        check = "that the application really stores nothing; else declare `database` here"
    elif found.migrations is not None:
        said = (
            f"Alembic migrates the database (`{found.migrations.config}`). It connects as the "
            "owner of the schema, the application as a role that may only read and write rows."
        )
        check = "that the application itself creates no tables when it starts"
    else:
        said = (
            "There are no migrations: the application owns the schema and creates its tables "
            "itself. A rollback cannot undo what a release does to them."
        )
        check = "that several replicas may start at once on an empty database"
    return _joined([f"# Database of {findings.name}", NOTICE, said, "## To check", _list([check])])


def architecture(findings: Findings) -> str:
    """Explain which request goes where."""
    lines = []
    if findings.frontend is not None:
        lines.append(f"`/` leads to the frontend, {findings.frontend.framework}.")
    if findings.backend is not None:
        how = "removed on the way" if findings.strip_route else "kept"
        lines.append(f"`{findings.route}` leads to the backend; the path is {how}.")
    if findings.database is not None:
        lines.append("The backend stores its data in Postgres.")
    checks = ["which services of others the application calls: list them above"]
    return _joined(
        [
            f"# Architecture of {findings.name}",
            NOTICE,
            "One public address serves everything, so no request crosses origins.",
            _list(lines),
            "## To check",
            _list(checks),
        ]
    )


def _services(findings: Findings) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    if (frontend := findings.frontend) is not None:
        what = f"frontend, {frontend.framework}, {frontend.server}"
        rows.append((what, f"`{frontend.path}`", frontend.source))
        if frontend.workspace is not None:
            rows.append(("workspace", f"`{frontend.workspace}`", frontend.lockfile or ""))
    if (backend := findings.backend) is not None:
        python = f", Python {backend.python}" if backend.python else ""
        rows.append((f"backend{python}", f"`{backend.path}`", backend.source))
        where = backend.application_source or ""
        rows.append(("ASGI application", f"`{backend.application}`", where))
        if (locked := backend.lockfile or backend.requirements) is not None:
            rows.append(("requirements", f"`{locked}`", backend.source))
    if (database := findings.database) is not None:
        rows.append(("database", f"schema: {database.schema_owner}", database.source))
    return rows


def _gets(value: str | None, required: bool) -> str:
    if value is not None:
        return f"`{value}`"
    return "required: `pulumi config set variables:NAME`" if required else "nothing, left out"


def _sightings(findings: Findings) -> str:
    seen = _list(f"{one.file}:{one.line}: `{one.name}`" for one in findings.sightings)
    return f"None of them was copied. Change those that were ever real.\n\n{seen}"


def _checks(findings: Findings) -> list[str]:
    found = list(findings.checks)
    if findings.backend is not None and findings.frontend is not None:
        how = "without" if findings.strip_route else "with"
        found.append(f"that the backend's routes are written {how} `{findings.route}`")
    if findings.generated:
        names = ", ".join(findings.generated)
        found.append(f"that any random text of letters and digits will do for {names}")
    return [*found, "the smoke flows: they only look whether something answers"]


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(parts) + "\n"
