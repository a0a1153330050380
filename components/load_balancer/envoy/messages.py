"""Pieces that several of Envoy's messages share."""

from typing import Any

TYPE = "type.googleapis.com/envoy"


def address(port: int) -> dict[str, Any]:
    """Return an address of this machine that no other machine reaches."""
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def watched(path: str, directory: str) -> dict[str, Any]:
    """Return a source of configuration that is read again when its file is replaced."""
    source = {"path": path, "watched_directory": {"path": directory}}
    return {"resource_api_version": "V3", "path_config_source": source}


def extension(name: str, kind: str, **fields: Any) -> dict[str, Any]:
    """Return an extension's typed configuration; `kind` is its message below `extensions`."""
    return {"name": name, "typed_config": {"@type": f"{TYPE}.extensions.{kind}", **fields}}
