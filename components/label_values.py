"""Labels of Kubernetes objects, from texts that may hold what a label must not. Pure."""

import re
from collections.abc import Mapping

from components.foundation import labels

LENGTH = 63
"""https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set"""


def label_value(text: str) -> str:
    """Return a text as a label may carry it: a version's plus sign becomes a hyphen."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "-", text)[:LENGTH]
    return plain.strip("-._")


def label_values(tags: Mapping[str, str], version: str = "") -> dict[str, str]:
    """Return tags as labels, each value as a label may carry it."""
    return {name: label_value(value) for name, value in labels(tags, version).items()}
