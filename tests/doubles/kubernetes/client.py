"""What tests ask an API server for."""

import ssl
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import httpx
import yaml

from automation.polling import SystemClock, wait_until
from tests.doubles.closing import Closing

MANAGER = "slipway-tests"
APPLY = "application/apply-patch+yaml"
DEFINED_SECONDS = 60
Object = dict[str, Any]


class Refused(AssertionError):
    """The API server does not take an object; the message is its own."""


class Client(Closing):
    """Applies objects by server-side apply, with every unknown field an error."""

    def __init__(self, url: str, token: str, authority: str) -> None:
        self._http = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            verify=ssl.create_default_context(cafile=authority),
            timeout=60,
            trust_env=False,
        )
        self._known: dict[str, dict[str, tuple[str, bool]]] = {}
        self.warnings: list[str] = []
        """What the server had to say of objects that it took."""

    def close(self) -> None:
        self._http.close()

    def is_ready(self) -> bool:
        return self._http.get("/readyz").status_code == httpx.codes.OK

    def apply(self, made: Mapping[str, Any], *, dry_run: bool = False) -> Object:
        """Return an object as the server has it then. With `dry_run`, it would have. Raise
        Refused."""
        asked = {"fieldManager": MANAGER, "fieldValidation": "Strict", "force": "true"}
        if dry_run:
            asked["dryRun"] = "All"
        answer = self._http.patch(
            self.path(made),
            params=asked,
            content=yaml.safe_dump(dict(made)),
            headers={"Content-Type": APPLY},
        )
        return self._read(answer)

    def create(self, made: Mapping[str, Any], *, dry_run: bool = False) -> Object:
        """Return a new object as the server has it then. Raise Refused."""
        asked = {"fieldValidation": "Strict", **({"dryRun": "All"} if dry_run else {})}
        collection = self.path(made).rpartition("/")[0]
        return self._read(self._http.post(collection, params=asked, json=dict(made)))

    def get(self, made: Mapping[str, Any]) -> Object | None:
        """Return an object as the server has it, or None."""
        answer = self._http.get(self.path(made))
        return None if answer.status_code == httpx.codes.NOT_FOUND else self._read(answer)

    def delete(self, made: Mapping[str, Any]) -> None:
        """Remove an object, where it is there."""
        self._http.delete(self.path(made))

    def path(self, made: Mapping[str, Any]) -> str:
        """Return where an object is."""
        version, kind, about = made["apiVersion"], made["kind"], made["metadata"]
        root = f"/api/{version}" if "/" not in version else f"/apis/{version}"
        plural, namespaced = self._resource(root, kind)
        inside = f"/namespaces/{about.get('namespace', 'default')}" if namespaced else ""
        return f"{root}{inside}/{plural}/{about.get('name', 'unnamed')}"

    def wait_for_definitions(self) -> None:
        """Return once every defined custom resource can be asked for."""
        clock = SystemClock()
        wait_until(
            self._all_established,
            accept=bool,
            deadline=clock.time() + DEFINED_SECONDS,
            clock=clock,
            every=0.2,
        )

    def _all_established(self) -> bool:
        path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        found = self._read(self._http.get(path))["items"]
        return all(
            {"type": "Established", "status": "True"}.items() <= condition.items()
            for each in found
            for condition in each.get("status", {}).get("conditions", [{}])
            if condition.get("type", "Established") == "Established"
        )

    def _resource(self, root: str, kind: str) -> tuple[str, bool]:
        if kind not in self._known.get(root, {}):
            answer = self._http.get(root)
            listed = answer.json().get("resources", []) if answer.is_success else []
            self._known[root] = {
                each["kind"]: (each["name"], each["namespaced"])
                for each in listed
                if "/" not in each["name"]
            }
        if kind not in self._known[root]:
            raise Refused(f"the server has no {kind} in {root}")
        return self._known[root][kind]

    @cached_property
    def version(self) -> str:
        """Return the server's version."""
        return str(self._read(self._http.get("/version"))["gitVersion"])

    def _read(self, answer: httpx.Response) -> Object:
        found: Object = answer.json()
        if not answer.is_success:
            raise Refused(f"{answer.request.url.path}: {found.get('message')}")
        self.warnings += answer.headers.get_list("warning")
        return found
