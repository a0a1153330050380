"""What a platform offers by its concern's protocol, gathered while an application is declared."""

import dataclasses
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pulumi
from pydantic import TypeAdapter

from components import settings
from components.application import Application
from components.certificates.base import Certificate
from components.contract.desired import DesiredState
from components.contract.settings import Settings
from components.database.base import Database
from components.dns.base import Dns
from components.load_balancer.base import LoadBalancer
from components.monitoring.base import Monitoring
from components.secrets.base import Secrets
from components.service import Service
from tests.doubles.program import Declared, declare

PROTOCOLS: Mapping[str, type] = {
    "frontend": Service,
    "backend": Service,
    "database": Database,
    "load_balancer": LoadBalancer,
    "certificate": Certificate,
    "dns": Dns,
    "secrets": Secrets,
    "monitoring": Monitoring,
}
"""By concern: what each of its platforms has."""


@dataclasses.dataclass
class Offered:
    """What was registered, and by concern what its platform returned."""

    declared: Declared
    platforms: dict[str, Any]

    def missing(self, concern: str) -> list[str]:
        """List what the protocol names and the platform does not have."""
        wanted = PROTOCOLS[concern]
        methods = [n for n, v in vars(wanted).items() if callable(v) and not n.startswith("_")]
        return [n for n in (*hints(wanted), *methods) if not hasattr(self.platforms[concern], n)]

    def resolved(self, concern: str) -> dict[str, Any]:
        """Map attributes of the protocol that are outputs to what became of them."""
        begin = f"{concern}."
        told = self.declared.outputs.items()
        return {k.removeprefix(begin): value for k, value in told if k.startswith(begin)}


def hints(protocol: type) -> dict[str, Any]:
    """Return the types of a protocol's attributes."""
    return typing.get_type_hints(protocol)


def promised(hint: Any) -> Any:
    """Return what an output of this type resolves to; None where it is no output."""
    for each in (hint, *typing.get_args(hint)):
        if typing.get_origin(each) is pulumi.Output:
            return typing.get_args(each)[0]
    return None


def is_promised(value: Any, hint: Any) -> None:
    """Raise ValueError where a resolved output is of another type than its protocol says."""
    TypeAdapter(promised(hint)).validate_python(value, strict=True)


def offered(
    chosen: Settings,
    state: DesiredState,
    given: Mapping[str, str],
    *,
    environment: str = "staging",
    preview: bool = False,
) -> Offered:
    """Declare an application, and resolve all that its platforms offer."""
    found: dict[str, Any] = {}

    class Open(Application):
        def _declare(self, concern: str, args: object) -> Any:
            found[concern] = super()._declare(concern, args)
            return found[concern]

    inputs = settings.Inputs(
        environment=environment,
        settings=chosen,
        state=pulumi.Output.from_input(state),
        home=Path("/home"),
        given={name: pulumi.Output.secret(value) for name, value in given.items()},
    )

    def program() -> dict[str, pulumi.Output[Any]]:
        own = Open("application", inputs).outputs()
        return {**own, **dict(_promises(found))}

    return Offered(declare(program, stack=environment, preview=preview), found)


def _promises(found: Mapping[str, Any]) -> Iterator[tuple[str, pulumi.Output[Any]]]:
    for concern, platform in found.items():
        for name in hints(PROTOCOLS[concern]):
            for path, value in _outputs(name, getattr(platform, name, None)):
                yield f"{concern}.{path}", value


def _outputs(path: str, value: Any) -> Iterator[tuple[str, pulumi.Output[Any]]]:
    if isinstance(value, pulumi.Output):
        yield path, value
    elif isinstance(value, pulumi.Resource):
        yield path, value.urn
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from _outputs(f"{path}.{field.name}", getattr(value, field.name))
