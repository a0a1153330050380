"""A certificate of AWS Certificate Manager, proven by records in the hosted zone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import pulumi
import pulumi_aws as aws

from components.certificates.base import Certificate, CertificateArgs
from components.dns.hosted_zone import check_zone, zone_id

PROOF_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class AcmCertificateArgs:
    """`hosts` are the names that it is for, the first being its main one; `zone` is the name of
    the hosted zone that they are in."""

    hosts: Sequence[str]
    zone: str
    tags: Mapping[str, str]

    def __post_init__(self) -> None:
        """Raise ValueError without a name, and for one outside of the zone."""
        if not self.hosts:
            raise ValueError("slipway:domain: aws_acm needs a host name, such as app.example.com")
        check_zone(self.zone, self.hosts)


class AcmCertificate(pulumi.ComponentResource):
    """A certificate that is issued once its records are found, and renewed as long as they are.

    `arn` is known when it is issued: who uses it waits.
    """

    TYPE: ClassVar[str] = "slipway:certificates:AcmCertificate"
    arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: AcmCertificateArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Declare the certificate and its proofs."""
        super().__init__(self.TYPE, name, None, opts)
        inside = pulumi.ResourceOptions(parent=self)
        main, *others = dict.fromkeys(args.hosts)
        certificate = aws.acm.Certificate(
            f"{name}-certificate",
            domain_name=main,
            subject_alternative_names=others or None,
            validation_method="DNS",
            key_algorithm="EC_prime256v1",
            options={"certificate_transparency_logging_preference": "ENABLED"},
            tags=dict(args.tags),
            opts=inside,
        )
        zone = zone_id(args.zone, self)
        proofs = [self._proof(name, host, certificate, zone) for host in (main, *others)]
        issued = aws.acm.CertificateValidation(
            f"{name}-issued",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[proof.fqdn for proof in proofs],
            opts=inside,
        )
        self.arn = issued.certificate_arn
        self.register_outputs({"arn": self.arn})

    def _proof(
        self, name: str, host: str, certificate: aws.acm.Certificate, zone: pulumi.Output[str]
    ) -> aws.route53.Record:
        option: pulumi.Output[Any] = certificate.domain_validation_options.apply(
            lambda options: next(each for each in options if each.domain_name == host)
        )
        return aws.route53.Record(
            f"{name}-proof-{host}",
            zone_id=zone,
            name=option.resource_record_name,
            type=option.resource_record_type,
            records=[option.resource_record_value],
            ttl=PROOF_SECONDS,
            # The same for each certificate of that name, also for another environment's.
            allow_overwrite=True,
            opts=pulumi.ResourceOptions(parent=self),
        )


def declare(
    name: str, args: CertificateArgs, opts: pulumi.ResourceOptions | None = None
) -> Certificate:
    """Declare the certificate of an environment's load balancer."""
    foundation = args.foundation
    made = AcmCertificate(
        name,
        AcmCertificateArgs(
            hosts=args.hosts,
            zone=foundation.settings.route53_zone.rstrip("."),
            tags=foundation.tags(),
        ),
        pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(providers=[foundation.aws])),
    )
    return Certificate(reference=made.arn)
