"""What an environment has at AWS, without its frontend, its database and its pods."""

from typing import Any

import pulumi

from components import settings
from components.certificates import aws_acm
from components.certificates.base import CertificateArgs
from components.dns import aws_route53
from components.dns.base import DnsArgs, Target
from components.foundation import Foundation
from components.load_balancer import aws_alb
from components.load_balancer.base import LoadBalancerArgs
from components.secrets import aws_secrets_manager
from components.secrets.base import SecretsArgs


class Backend(pulumi.ComponentResource):
    """Stands for the application, which everything belongs to."""

    def __init__(self) -> None:
        super().__init__("slipway:index:Application", "application")


inputs = settings.load()
application = Backend()
foundation = Foundation("application", inputs, application)
own = pulumi.ResourceOptions(parent=application)
known: dict[str, Any] = {"foundation": foundation}
secrets = aws_secrets_manager.declare(
    "application-secrets",
    SecretsArgs(**known, releases=inputs.state.apply(lambda s: s.releases), given=inputs.given),
    own,
)
certificate = aws_acm.declare(
    "application-certificate", CertificateArgs(**known, hosts=(foundation.backend_domain,)), own
)
balancer = aws_alb.declare(
    "application-load-balancer",
    LoadBalancerArgs(
        **known,
        state=inputs.state,
        address=inputs.state.apply(lambda s: s.address),
        certificate=certificate,
    ),
    own,
)
elsewhere = Target(name=pulumi.Output.from_input("cname.vercel-dns.com"))
targets = {foundation.backend_domain: balancer.target, inputs.settings.domain: elsewhere}
aws_route53.declare("application-dns", DnsArgs(**known, targets=targets), own)
for slot in ("blue", "green"):
    content = secrets.values.apply(lambda values: {"SESSION_KEY": values["SESSION_KEY"]})
    bundle = secrets.bundle(f"application-backend-{slot}-secrets", content, own)
    pulumi.export(slot, bundle)

pulumi.export("origin", balancer.origin)
pulumi.export("statistics", balancer.statistics_url)
pulumi.export("host", balancer.target.name)
pulumi.export("secrets", secrets.values)
