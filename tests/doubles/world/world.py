"""The world that a deployment to clouds is part of, on this machine: everything answers for real.

The engine's plugins are doubles, and hold what exists. What follows from that is real: the images
are those that were pushed, pods are processes that run them, the load balancer splits traffic by
the rules that hold, host names lead where their records and aliases say, TLS is verified.
"""

import contextlib
import fnmatch
import os
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import boto3

from tests.doubles import registry as registries
from tests.doubles.certificates import Authority
from tests.doubles.plugins.aws.forwarding import VARIABLE as AWS
from tests.doubles.plugins.cloud import Object
from tests.doubles.plugins.fixture import Plugins
from tests.doubles.plugins.uploads import Uploads
from tests.doubles.plugins.vercel_names import ADDRESS, ELSEWHERE, NAME
from tests.doubles.registry import LocalRegistry
from tests.doubles.web import Web
from tests.doubles.world import aws_command, cloudwatch, routing
from tests.doubles.world.balancer import Balancer
from tests.doubles.world.front import Front, Serves
from tests.doubles.world.hosting import Hosting
from tests.doubles.world.images import Images
from tests.doubles.world.pods import EVERY_SECONDS, Pods
from tests.doubles.world.prometheus import Prometheus
from tests.doubles.world.requests import Answer, Request

SYSTEM = Path(os.environ.get("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt"))
RECORD = "aws:route53/record:Record"
ZONE = "aws:route53/zone:Zone"
KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: staging
contexts: [{name: staging, context: {cluster: staging, user: driver}}]
clusters: [{name: staging, cluster: {server: "https://staging.cluster.invalid"}}]
users: [{name: driver, user: {token: a-token-of-a-test}}]
"""
VERCEL_NAMES = (NAME, ADDRESS)
MADE_BY_HAND = ["staging.example.com"]
"""Names that lead to Vercel although no record is deployed: somebody looks after them."""


@dataclass
class World:
    """What a test holds. `zone` is the hosted zone that exists before anything is deployed."""

    folder: Path
    plugins: Plugins
    registry: LocalRegistry
    authority: Authority
    zone: str = "example.com"
    aws: str = ""
    prometheus: str = ""
    _names: dict[str, Serves] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        # One and the same: it reads again only what has changed.
        self._cloud = self.plugins.cloud
        self._secured: dict[str, ssl.SSLContext] = {}
        images = Images(self.registry, self.folder / "images")
        self.pods = Pods(self._cloud, images, self.folder)
        self.balancer = Balancer(self.pods.port)
        self.hosting = Hosting(self._elsewhere, self._cloud.objects, Uploads(self._cloud.folder))
        self.front = Front(lambda: self._names, self._certificate)
        # Pods take their time to start: whoever is asked meanwhile knows what holds.
        self._threads = [
            threading.Thread(target=self._keep_up, args=(task,), daemon=True)
            for task in (self._look, self.pods.reconcile)
        ]

    def variables(self) -> dict[str, str]:
        """Return the environment variables of a command that lives in this world."""
        bundle, kubeconfig = self.folder / "bundle.pem", self.folder / "kubeconfig"
        bundle.write_bytes(SYSTEM.read_bytes() + self.authority.ca.read_bytes())
        kubeconfig.write_text(KUBECONFIG)
        here = "127.0.0.1,localhost"
        return {
            **_changed(self.plugins.environment(os.environ)),
            "HTTPS_PROXY": self.front.url,
            "https_proxy": self.front.url,
            "NO_PROXY": here,
            "no_proxy": here,
            "SSL_CERT_FILE": str(bundle),
            "KUBECONFIG": str(kubeconfig),
            "VERCEL_API_TOKEN": self.hosting.api.token,
            "VERCEL_API_URL": self.hosting.api.url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_EC2_METADATA_DISABLED": "true",
            # The plugin's double makes there what it is an emulator for; the driver asks there.
            "AWS_ENDPOINT_URL": self.aws,
            AWS: self.aws,
        }

    def trusted(self) -> ssl.SSLContext:
        """Return whom a visitor trusts."""
        return ssl.create_default_context(cafile=str(self.authority.ca))

    def reaches(self, host: str) -> bool:
        """Tell whether somebody answers for a host name."""
        return host in self._names

    def _keep_up(self, task: Callable[[], None]) -> None:
        while not self._stop.wait(EVERY_SECONDS):
            with contextlib.suppress(FileNotFoundError):
                task()

    def _look(self) -> None:
        objects = self._cloud.objects()
        self.balancer.learn(objects)
        self._names = self._known(objects)

    def _known(self, objects: list[Object]) -> dict[str, Serves]:
        found: dict[str, Serves] = dict(self.hosting.names(objects))
        records = [each for each in objects if each.type == RECORD]
        for host in [each for each in found if not each.endswith(".vercel.app")]:
            if records and not any(_leads(r, host, VERCEL_NAMES) for r in records):
                del found[host]
        for host in routing.hosts(objects):
            found[host] = self.balancer
        balancers = [each for each in objects if each.type == routing.BALANCER]
        for record in records:
            if any(_leads(record, None, (e.outputs["dnsName"],)) for e in balancers):
                found[record.outputs["fqdn"]] = self.balancer
        return found

    def _elsewhere(self, request: Request) -> Answer:
        serves = self._names.get(request.host)
        return serves(request) if serves else Answer.text(502, f"DNS_HOSTNAME_NOT_FOUND {request}")

    def _certificate(self, host: str) -> ssl.SSLContext:
        if host not in self._secured:
            self._secured[host] = self.authority.context_for(host)
        return self._secured[host]

    def start(self) -> None:
        """Begin to follow what exists."""
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """End everything that runs."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self.front.close()
        self.hosting.close()
        self.pods.close()


def _leads(record: Object, host: str | None, names: tuple[str, ...]) -> bool:
    if host is not None and record.outputs["fqdn"] != host:
        return False
    to = [*(record.inputs.get("records") or ())]
    to += [each["name"] for each in record.inputs.get("aliases") or ()]
    return any(fnmatch.fnmatchcase(each.rstrip("."), name) for each in to for name in names)


def _changed(environment: Mapping[str, str]) -> dict[str, str]:
    return {k: v for k, v in environment.items() if os.environ.get(k) != v}


@contextlib.contextmanager
def world(folder: Path, *, prepared: Callable[[Plugins], None] = lambda _: None) -> Iterator[World]:
    """Give a world in which nothing is deployed yet, and end it."""
    folder.mkdir(parents=True, exist_ok=True)
    with registries.serving() as registry, contextlib.ExitStack() as closing:
        plugins = Plugins.at(folder / "cloud")
        aws_command.install(plugins.bin)
        prepared(plugins)
        made = World(folder, plugins, registry, Authority(folder, "world.invalid"))
        closing.callback(made.close)
        made.aws = closing.enter_context(cloudwatch.serving(made.balancer))
        _exists(made)
        web = Web(Prometheus(made.balancer))
        closing.callback(web.close)
        made.prometheus = web.url
        made.start()
        yield made


def _exists(made: World) -> None:
    """Let there be what is older than any deployment: a zone, and names that lead somewhere."""
    made.plugins.cloud.note(ELSEWHERE, MADE_BY_HAND)
    client = boto3.client(
        "route53",
        region_name="us-east-1",
        endpoint_url=made.aws,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    zone = client.create_hosted_zone(Name=made.zone, CallerReference=made.zone)
    identity = zone["HostedZone"]["Id"].rpartition("/")[2]
    outputs = {"name": made.zone, "zoneId": identity, "privateZone": False}
    made.plugins.exists(ZONE, outputs, id=identity, name="zone")
