"""The tiny application with something in a cloud beside it: doubles of the plugins hold that."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.doubles.plugins.fixture import Plugins
from tests.integration.tiny import Tiny, tiny

REGISTRY = Path("components/contract/platforms.py")
LINE = '    "none": Platform("components.dns.none:declare"),\n'
OURS = '    "cloud": Platform("components.dns.cloud:declare", plugins=("aws",), remote=True),\n'
PLATFORM = '''
"""A platform of a test: what cloud.json says, at AWS."""

import json
from pathlib import Path

import pulumi
import pulumi_aws as aws


def declare(name, args, opts=None):
    """Declare a network, a topic and, where it has a name, a zone."""
    said = json.loads(Path(__file__).with_name("cloud.json").read_text())
    keep = pulumi.ResourceOptions(protect=said["keep"], retain_on_delete=said["keep"])
    aws.ec2.Vpc(f"{name}-net", cidr_block=said["net"], tags={"owner": said["owner"]}, opts=opts)
    aws.sns.Topic(f"{name}-topic", name="alerts", opts=opts)
    if said["zone"]:
        kept = pulumi.ResourceOptions.merge(opts, keep)
        aws.route53.Zone(f"{name}-zone", name=said["zone"], opts=kept)
'''
VPC, TOPIC, ZONE = "aws:ec2/vpc:Vpc", "aws:sns/topic:Topic", "aws:route53/zone:Zone"


@dataclass
class Cloudy:
    """An installation of which a part is in a cloud, and that cloud."""

    tiny: Tiny
    plugins: Plugins

    def declare(
        self,
        *,
        net: str = "10.0.0.0/16",
        owner: str = "ada",
        zone: str = "",
        keep: bool = False,
    ) -> None:
        """Say what is to be in the cloud."""
        said = {"net": net, "owner": owner, "zone": zone, "keep": keep}
        self._folder.joinpath("cloud.json").write_text(json.dumps(said))

    def outputs(self, token: str) -> dict[str, Any]:
        """Return what the only object of a type is in the cloud."""
        (found,) = self.plugins.objects(token)
        return dict(found.outputs)

    @property
    def _folder(self) -> Path:
        return self.tiny.slipway.checkout / "components" / "dns"

    def install(self) -> None:
        """Put the platform into the copy of the project."""
        registry = self.tiny.slipway.checkout / REGISTRY
        text = registry.read_text()
        assert LINE in text
        registry.write_text(text.replace(LINE, LINE + OURS))
        (self._folder / "cloud.py").write_text(PLATFORM)
        self.declare()
        found = self.plugins.environment(os.environ)
        own = ("PATH", "SLIPWAY_DOUBLES")
        self.tiny.slipway.variables |= {key: found[key] for key in own}
        self.tiny.slipway.variables |= {
            "AWS_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }
        self.tiny.settings(dnsPlatform="cloud", healthTimeoutSeconds="60")


@contextmanager
def cloudy() -> Iterator[Cloudy]:
    """Give an installation with nothing deployed yet."""
    with tiny() as made:
        cloud = Cloudy(made, Plugins.at(made.slipway.folder / "cloud"))
        cloud.install()
        yield cloud
        # before `tiny` writes its plain settings: they know nothing of the plugins that are needed
        made.slipway("destroy", "development", "--yes").ok()
