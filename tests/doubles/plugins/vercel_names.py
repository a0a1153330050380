"""Which host names lead to Vercel, and which of them have a certificate there."""

from dataclasses import replace

from tests.doubles.plugins.cloud import Cloud, Object
from tests.doubles.plugins.provider import Making, Refused

RECORD = "aws:route53/record:Record"
NAME, ADDRESS = "cname.vercel-dns.com", "76.76.21.21"
ELSEWHERE = "elsewhere"
"""Note with the names that somebody has made lead to Vercel, where no record here says anything."""
CERTIFIED = "certified"


def leads(cloud: Cloud, host: str) -> bool:
    """Tell whether a host name leads to Vercel."""
    records = [each for each in cloud.objects(RECORD) if each.outputs["fqdn"] == host]
    if not records:
        return host in cloud.noted(ELSEWHERE, [])
    to = [str(name).rstrip(".") for each in records for name in each.inputs.get("records") or ()]
    return any(name in (NAME, ADDRESS) for name in to)


def awaited(making: Making, made: Object) -> None:
    """Refuse a domain whose name is waited for in vain: it is there, and nobody is told of it."""
    if not making.get("waitForReady"):
        return
    cloud, host = making.provider.cloud, str(making.inputs["domain"])
    if not leads(cloud, host):
        raise Refused(
            f"Error waiting for project domain {host}: DNS configuration is still invalid; "
            f'recommended values: CNAME "{NAME}", IPv4 addresses {ADDRESS}'
        )
    _certify(cloud, made)


def secured(cloud: Cloud, domain: Object) -> None:
    """Refuse a domain without a certificate; one whose name leads here by now gets it meanwhile."""
    if domain.hidden.get(CERTIFIED):
        return
    if leads(cloud, str(domain.inputs["domain"])):
        _certify(cloud, domain)
    raise Refused(
        "Could not create alias, unexpected error: cert_missing - The domain you are trying to "
        "associate is missing a SSL certificate"
    )


def _certify(cloud: Cloud, domain: Object) -> None:
    cloud.put(replace(domain, hidden={**domain.hidden, CERTIFIED: True}))
