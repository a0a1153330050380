"""Addresses of statistics: how the program tells the driver where numbers of slots are. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from components.contract.desired import SLOTS, SlotName

USUAL_DELAY_SECONDS = 120


class NotAnAddress(ValueError):
    """An address of statistics lacks something. The message says what, and in which address."""


@dataclass(frozen=True, kw_only=True)
class PrometheusAddress:
    """The API at `base_url`, and whose series there: those labelled `app` and `env`."""

    base_url: str
    application: str
    environment: str

    @property
    def url(self) -> str:
        """Return it as one URL, empty where there is no API."""
        if not self.base_url:
            return ""
        known = {"app": self.application, "env": self.environment}
        return urlunsplit(urlsplit(self.base_url)._replace(query=urlencode(known), fragment=""))

    @classmethod
    def parse(cls, url: str) -> "PrometheusAddress":
        """Read it from a URL. Raise NotAnAddress."""
        parts = urlsplit(url)
        known = _known(url, ("app", "env"))
        base = urlunsplit(parts._replace(query="", fragment="")).rstrip("/")
        return cls(base_url=base, application=known["app"], environment=known["env"])


@dataclass(frozen=True, kw_only=True)
class CloudWatchAddress:
    """A load balancer in a region, and the target group of each slot of the backend.

    They are named as in CloudWatch's dimensions: by what follows `loadbalancer/` in the ARN, and
    from `targetgroup/` on. The numbers of a minute are complete `delay_seconds` after its end.
    """

    region: str
    load_balancer: str
    target_groups: Mapping[SlotName, str]
    delay_seconds: int = USUAL_DELAY_SECONDS

    @property
    def url(self) -> str:
        """Return it as one URL."""
        groups = {str(slot): group for slot, group in self.target_groups.items()}
        known = {"region": self.region, "load_balancer": self.load_balancer, **groups}
        return f"cloudwatch:?{urlencode(known)}&delay={self.delay_seconds}"

    @classmethod
    def parse(cls, url: str) -> "CloudWatchAddress":
        """Read it from a URL. Raise NotAnAddress."""
        known = _known(url, ("region", "load_balancer", *SLOTS))
        delay = known.get("delay", str(USUAL_DELAY_SECONDS))
        if not delay.isdecimal():
            raise NotAnAddress(f"the delay in the address of the statistics, {url}, is no number")
        return cls(
            region=known["region"],
            load_balancer=known["load_balancer"],
            target_groups={slot: known[slot] for slot in SLOTS},
            delay_seconds=int(delay),
        )


def _known(url: str, names: tuple[str, ...]) -> dict[str, str]:
    found = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    if lacking := [name for name in names if not found.get(name)]:
        raise NotAnAddress(f"the address of the statistics, {url}, lacks {', '.join(lacking)}")
    return found
