"""Are all variables and secrets there?"""

from collections.abc import Iterator

from automation.reports.observed import CheckFact
from automation.settings import StackFile
from automation.specification.checks import wrong_references
from automation.specification.models import Service, Specification
from components.contract.names import VARIABLES


def services(specification: Specification) -> Iterator[tuple[str, Service]]:
    """Yield each service that the application has."""
    if specification.backend is not None:
        yield "backend", specification.backend
    if specification.frontend is not None:
        yield "frontend", specification.frontend


def variables(specification: Specification, file: StackFile) -> CheckFact:
    """Check that every required variable has a value."""
    missing = [
        f"{name} ({kind})"
        for kind, service in services(specification)
        for name in service.required_variables
        if name not in file.variables and name not in service.variables
    ]
    if missing:
        return CheckFact(
            name="variables",
            status="failed",
            details=f"missing variables: {', '.join(missing)}",
            remedy="set each in the stack's file as `variables:NAME: value`",
            item="variables_defined",
        )
    details = "every required variable has a value"
    return CheckFact(name="variables", status="passed", details=details, item="variables_defined")


def overrides(environment: str, specification: Specification, file: StackFile) -> list[str]:
    """List what is wrong with the references in the environment's own values of variables."""
    found = (
        f"Pulumi.{environment}.yaml: {VARIABLES}:{name}: {wrong}; {right}"
        for kind, service in services(specification)
        for name, text in file.variables.items()
        if name in service.variables or name in service.required_variables
        for _, wrong, right in wrong_references(specification, kind, ("variables", name), text)
    )
    return list(dict.fromkeys(found))


def secrets(specification: Specification, file: StackFile) -> CheckFact:
    """Check that every secret that the operator gives is set."""
    missing = [
        name
        for name, secret in specification.secrets.items()
        if secret.generate is None and name not in file.given
    ]
    if missing:
        return CheckFact(
            name="secrets",
            status="failed",
            details=f"missing secrets: {', '.join(missing)}",
            remedy="set each with `./slipway secret ENVIRONMENT NAME`, which asks for the value",
            item="secrets_available",
        )
    made = sum(secret.generate is not None for secret in specification.secrets.values())
    details = f"{made} made by Slipway, {len(specification.secrets) - made} given"
    return CheckFact(name="secrets", status="passed", details=details, item="secrets_available")
