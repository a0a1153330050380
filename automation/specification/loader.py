"""Loads what an application needs from its documents, or says everything that is wrong."""

from pathlib import Path

from automation import versioning
from automation.errors import InvalidInput
from automation.specification import checks, documents, schema
from automation.specification.merging import Merged
from automation.specification.models import Specification
from automation.specification.problems import refuse


def load(app: Path) -> Specification:
    """Read, merge and check the documents under `<app>/specs`.

    Raise one InvalidInput that lists every problem with its file and key, or one that says that
    the path holds no application.
    """
    _require_application(app)
    found, problems = documents.read(app)
    if not found and not problems:
        raise _no_application(app, "it has no specs/**/*.md that begin with a YAML front matter")
    merged = Merged(found)
    problems += merged.problems
    specification, refused = schema.validate(merged)
    # A document that cannot be read hides keys, so that others seem to be missing.
    problems += [problem for problem in refused if not (problems and problem.wrong == "missing")]
    if specification is not None:
        problems += checks.problems(app, specification, merged)
        problems += versioning.problems(app, specification)
    refuse(app, problems)
    assert specification is not None
    return specification


def warnings(specification: Specification) -> list[str]:
    """List what a deployment document should say and this one does not.

    Nothing in the list prevents a deployment: what does is refused by `load`.
    """
    declared = specification.model_fields_set
    found = [
        *_service_warnings(specification),
        *(
            f"secrets.{name}: no variable refers to it as ${{secret.{name}}}"
            for name in specification.secrets
            if not _mentions(specification, name)
        ),
    ]
    if "environments" not in declared:
        found.append("environments: not declared; development, staging and production are assumed")
    if not specification.rollback.procedure:
        found.append("rollback.procedure: empty; people will find no instructions of their own")
    if "thresholds" not in declared:
        found.append("thresholds: not declared; alerts use the defaults")
    if not specification.smoke:
        found.append("smoke: no flows; nothing is tried as a user after a deployment")
    if specification.backend is not None and specification.database is None:
        found.append("database: not declared; the backend gets none and nothing is migrated")
    return found


def _service_warnings(specification: Specification) -> list[str]:
    found = []
    frontend, backend = specification.frontend, specification.backend
    if frontend is not None:
        if not frontend.model_fields_set & {"kind", "build"}:
            found.append("frontend.kind: not declared; nextjs is assumed")
        if frontend.health is None:
            found.append("frontend.health: none; a frontend counts as healthy once it listens")
    if backend is not None:
        if backend.health is None:
            found.append("backend.health: none; a backend counts as healthy once it listens")
        if backend.ready is None:
            found.append("backend.ready: none; nothing says whether its database is reachable")
        if backend.metrics is None:
            found.append("backend.metrics: none; only the load balancer's numbers are known")
    for name, service in (("frontend", frontend), ("backend", backend)):
        if service is not None and not service.variables and not service.required_variables:
            found.append(f"{name}.variables: none declared")
    return found


def _mentions(specification: Specification, secret: str) -> bool:
    services = [one for one in (specification.frontend, specification.backend) if one is not None]
    templates = [text for service in services for text in service.variables.values()]
    return any(f"secret.{secret}}}" in text.replace(" ", "") for text in templates)


def _require_application(app: Path) -> None:
    if not app.exists():
        raise InvalidInput(
            f"{app} is no application: there is no such folder",
            hint="Give the folder of an application with --app PATH; "
            "`./slipway init --app PATH` writes the specification documents that it lacks.",
        )
    if not app.is_dir():
        raise _no_application(app, "it is a file, not a folder")


def _no_application(app: Path, why: str) -> InvalidInput:
    return InvalidInput(
        f"{app} is no application: {why}",
        hint=f"Run `./slipway init --app {app}`, which inspects an application and writes its "
        "specification documents for you to review.",
    )
