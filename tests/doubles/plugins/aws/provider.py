"""The double of `aws`: one account, with a memory, rules about references, and no machines."""

import os
import secrets
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from tests.doubles.plugins.aws import compute, identity, network, traffic, watching
from tests.doubles.plugins.aws.forwarding import emulator
from tests.doubles.plugins.aws.lookups import lookup
from tests.doubles.plugins.aws.naming import arn, region
from tests.doubles.plugins.aws.references import missing
from tests.doubles.plugins.cloud import Cloud, Object
from tests.doubles.plugins.comparison import Change
from tests.doubles.plugins.provider import Kind, Making, Provider, Refused
from tests.doubles.plugins.shapes import shape
from tests.doubles.plugins.values import UNKNOWN

REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")


class Aws(Provider):
    """An account in a region. Types that no table has get an id, an ARN and their tags."""

    package: ClassVar[str] = "aws"
    named_by: ClassVar[tuple[str, ...]] = ("name", "namePrefix", "region")
    kinds: ClassVar[Mapping[str, Kind]] = {
        **network.KINDS,
        **identity.KINDS,
        **traffic.KINDS,
        **compute.KINDS,
        **watching.KINDS,
    }

    def __init__(self, cloud: Cloud, config: Mapping[str, Any] | None = None) -> None:
        known = dict(config or {})
        found = next((os.environ[name] for name in REGIONS if os.environ.get(name)), None)
        if not known.get("region") and found:
            known["region"] = found
        super().__init__(cloud, known)

    def configure(self) -> None:
        """Refuse to work nowhere."""
        if not self.config.get("region"):
            raise Refused("missing required configuration key 'aws:region'")

    def ordinary(self, token: str) -> Kind:
        """Give a name of its own to whatever may have one."""
        form = shape("aws", token) or {"inputs": {}, "required": []}
        named = "name" in form["inputs"] and "name" not in form["required"]
        return Kind(
            autoname="name" if named else "",
            id=lambda making: str(making.get("name") or secrets.token_hex(10)),
        )

    def always(self, making: Making) -> dict[str, Any]:
        """Return region and tags: both are known before anything is made."""
        form = shape("aws", making.type) or {"outputs": {}}
        found: dict[str, Any] = {}
        if "region" in form["outputs"]:
            found["region"] = region(making)
        if "tagsAll" in form["outputs"]:
            found["tagsAll"] = self.tags(making.get("tags"))
        return found

    def tags(self, given: Any) -> Any:
        """Return a thing's own tags and those that the provider gives to everything."""
        default = (self.config.get("defaultTags") or {}).get("tags") or {}
        return UNKNOWN if given == UNKNOWN else {**default, **(given or {})}

    def differs(
        self, token: str, olds: Mapping[str, Any], news: Mapping[str, Any]
    ) -> Iterator[Change]:
        """Yield that the provider gives everything other tags than it did."""
        there, wanted = olds.get("tagsAll"), self.tags(news.get("tags"))
        own = (olds.get("tags") or {}) == (news.get("tags") or {})
        if own and there is not None and there != wanted:
            yield Change(("tagsAll",), "update")

    def plain(self, making: Making, id_: str) -> Mapping[str, Any]:
        """Return an ARN, for a type that has one and no rule for it."""
        form = shape("aws", making.type) or {"outputs": {}}
        if "arn" not in form["outputs"] or making.get("arn") or making.type in self.kinds:
            return {}
        service, _, kind = making.type.split(":")[1].partition("/")
        return {"arn": id_ if id_.startswith("arn:") else arn(making, service, f"{kind}/{id_}")}

    def create(self, making: Making, urn: str) -> Object:
        """Make a thing, at an emulator too where it is one for that."""
        made = super().create(making, urn)
        other = emulator(region(making))
        return other.create(made, making.inputs) if other else made

    def update(self, making: Making) -> Object:
        """Change a thing, at an emulator too where it is one for that."""
        made = super().update(making)
        other = emulator(region(making))
        return other.update(made, making.inputs) if other else made

    def delete(self, gone: Object) -> None:
        """Delete a thing, at an emulator too where it is one for that."""
        super().delete(gone)
        other = emulator(gone.inputs.get("region") or self.config["region"])
        if other:
            other.delete(gone)

    def has(self, thing: Object) -> bool:
        """Tell whether an emulator, where it is one for that, has a thing too."""
        other = emulator(thing.inputs.get("region") or self.config["region"])
        return other is None or other.has(thing)

    def refer(self, making: Making) -> None:
        """Refuse what names something that does not exist."""
        missing(making)

    def invoke(self, token: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a lookup."""
        return lookup(self, token, arguments)
