"""A certificate from a local authority. The authority's key signs once and is forgotten."""

import datetime
from pathlib import Path
from typing import Any

import pulumi
from pulumi import dynamic

RENEW = datetime.timedelta(days=30)


class CertificateProvider(dynamic.ResourceProvider):
    """Keeps three files in a folder: ca.pem, certificate.pem, key.pem (for its owner only)."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Make an authority, sign one certificate for the hosts, forget the authority's key."""
        from components.dynamic.issuing import issue  # the engine starts this with each update

        expires = issue(Path(props["directory"]), list(props["hosts"]))
        return dynamic.CreateResult(props["directory"], _outputs(props, expires))

    def diff(self, _id: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.DiffResult:
        """Other hosts, or an end that is near, make a new certificate; so does another folder."""
        expires = datetime.datetime.fromisoformat(old["expires"])
        near = expires - datetime.datetime.now(datetime.UTC) < RENEW
        moved = ["directory"] if old["directory"] != new["directory"] else []
        changes = near or old["hosts"] != new["hosts"] or bool(moved)
        return dynamic.DiffResult(changes=changes, replaces=moved)

    def update(self, _id: str, _old: dict[str, Any], new: dict[str, Any]) -> dynamic.UpdateResult:
        """Issue again."""
        from components.dynamic.issuing import issue  # the engine starts this with each update

        expires = issue(Path(new["directory"]), list(new["hosts"]))
        return dynamic.UpdateResult(_outputs(new, expires))

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """See missing files as a missing certificate."""
        present = all((Path(id_) / name).exists() for name in NAMES)
        return dynamic.ReadResult(id_, props) if present else dynamic.ReadResult("", {})

    def delete(self, id_: str, _props: dict[str, Any]) -> None:
        """Remove the files."""
        for name in NAMES:
            (Path(id_) / name).unlink(missing_ok=True)


NAMES = ("ca.pem", "certificate.pem", "key.pem")


def _outputs(props: dict[str, Any], expires: datetime.datetime) -> dict[str, Any]:
    directory = Path(props["directory"])
    return {
        **props,
        "expires": expires.isoformat(),
        "authority": str(directory / "ca.pem"),
        "certificate": str(directory / "certificate.pem"),
        "key": str(directory / "key.pem"),
    }


class Certificate(dynamic.Resource, module="local", name="Certificate"):
    """A certificate for the hosts, with the paths of its files as outputs."""

    authority: pulumi.Output[str]
    certificate: pulumi.Output[str]
    key: pulumi.Output[str]
    expires: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        directory: str,
        hosts: pulumi.Input[list[str]],
        opts: pulumi.ResourceOptions,
    ) -> None:
        """Declare the certificate."""
        made = dict.fromkeys(("expires", "authority", "certificate", "key"))
        inputs = {"directory": directory, "hosts": hosts, **made}
        super().__init__(CertificateProvider(), name, inputs, opts)
