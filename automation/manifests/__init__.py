"""What else can run an environment's resources: formats by name, and what writes each."""

from collections.abc import Mapping

FORMATS: Mapping[str, str] = {
    "kubernetes": "automation.manifests.kubernetes:files",
    "compose": "automation.manifests.compose:files",
    "terraform": "automation.manifests.terraform:files",
    "pipeline": "automation.manifests.pipeline:files",
}
"""`module:function`, called with a Plan; returns the content of files by their path. A format that
has nothing to say of the resources returns none."""
