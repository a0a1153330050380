"""Route 53 and ACM."""

import uuid
from collections.abc import Mapping
from typing import Any

from tests.doubles.plugins.aws.forwarded.calls import Call, Calling, Forwarded, id_as, tags
from tests.doubles.plugins.cloud import Object


def _zone(calling: Calling) -> tuple[str, dict[str, Any]]:
    made = calling.first
    identity = made["HostedZone"]["Id"].rpartition("/")[2]
    servers = made.get("DelegationSet", {}).get("NameServers", [])
    return identity, {"zoneId": identity, "id": identity, "nameServers": servers}


def _record(action: str) -> Call:
    def parameters(calling: Calling) -> dict[str, Any]:
        given = {**calling.thing.inputs, **calling.inputs}
        record: dict[str, Any] = {
            "Name": calling.thing.outputs["fqdn"],
            "Type": given["type"],
            "SetIdentifier": given.get("setIdentifier"),
            "TTL": given.get("ttl"),
            "ResourceRecords": [{"Value": value} for value in given.get("records") or ()],
        }
        for alias in given.get("aliases") or ():
            record["AliasTarget"] = {
                "HostedZoneId": alias["zoneId"],
                "DNSName": alias["name"],
                "EvaluateTargetHealth": alias["evaluateTargetHealth"],
            }
        kept = {key: value for key, value in record.items() if value not in (None, [])}
        change = {"Action": action, "ResourceRecordSet": kept}
        return {"HostedZoneId": given["zoneId"], "ChangeBatch": {"Changes": [change]}}

    return Call("route53", "change_resource_record_sets", parameters)


def _has_record(answer: Mapping[str, Any], thing: Object) -> bool:
    sought = (f"{thing.outputs['fqdn'].rstrip('.')}.", thing.inputs["type"])
    return any((r["Name"], r["Type"]) == sought for r in answer["ResourceRecordSets"])


def _certificate(calling: Calling) -> tuple[str, dict[str, Any]]:
    arn = calling.first["CertificateArn"]
    told = calling.answers[1]["Certificate"].get("DomainValidationOptions", [])
    options = [
        {
            "domainName": each["DomainName"],
            "resourceRecordName": each["ResourceRecord"]["Name"],
            "resourceRecordType": each["ResourceRecord"]["Type"],
            "resourceRecordValue": each["ResourceRecord"]["Value"],
        }
        for each in told
        if "ResourceRecord" in each
    ]
    return arn, {"arn": arn, "id": arn, "domainValidationOptions": options}


FORWARDED: Mapping[str, Forwarded] = {
    "aws:route53/zone:Zone": Forwarded(
        create=(
            Call(
                "route53",
                "create_hosted_zone",
                lambda c: {"Name": c.inputs["name"], "CallerReference": uuid.uuid4().hex},
            ),
        ),
        delete=(Call("route53", "delete_hosted_zone", id_as("Id")),),
        read=Call("route53", "get_hosted_zone", id_as("Id")),
        made=_zone,
    ),
    "aws:route53/record:Record": Forwarded(
        create=(_record("UPSERT"),),
        update=(_record("UPSERT"),),
        delete=(_record("DELETE"),),
        read=Call(
            "route53",
            "list_resource_record_sets",
            lambda c: {"HostedZoneId": c.thing.inputs["zoneId"]},
        ),
        there=_has_record,
    ),
    "aws:acm/certificate:Certificate": Forwarded(
        create=(
            Call(
                "acm",
                "request_certificate",
                lambda c: {
                    "DomainName": c.inputs["domainName"],
                    "SubjectAlternativeNames": c.get("subjectAlternativeNames"),
                    "ValidationMethod": c.get("validationMethod"),
                    "KeyAlgorithm": c.get("keyAlgorithm"),
                    "Tags": tags(c),
                },
            ),
            Call(
                "acm",
                "describe_certificate",
                lambda c: {"CertificateArn": c.first["CertificateArn"]},
            ),
        ),
        delete=(Call("acm", "delete_certificate", id_as("CertificateArn")),),
        read=Call("acm", "describe_certificate", id_as("CertificateArn")),
        made=_certificate,
    ),
}
