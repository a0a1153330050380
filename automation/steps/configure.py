"""Step 3: resolve variables and secrets, and give the release its name."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from automation import versioning
from automation.context import Context
from automation.events import StepNotes
from automation.files import replace
from automation.reports.environment_file import environment_text, secrets_text
from automation.reports.observed import ConfigurationFact, SecretFact, VariableFact
from automation.settings import StackFile
from automation.specification import migrations
from automation.specification.models import Specification
from automation.steps.validate import release_fact
from components.contract import references
from components.contract.release import SERVICES, Artifact, Release, ServiceName
from components.contract.values import public_values, release_values

ID_LENGTH = 8


def run(context: Context, file: StackFile, notes: StepNotes) -> None:
    """Make the release, and write `.env.<environment>` and `secrets.txt` beside it."""
    made = _release(context, file)
    # What was built before keeps the record that it got then.
    context.release = release = context.live.releases.get(made.id, made)
    context.facts.release = release_fact(release)
    configuration = _configuration(context, release)
    context.facts.configuration = configuration
    folder = context.home.environment(context.environment)
    replace(
        folder / f".env.{context.environment}",
        environment_text(configuration, context.environment),
    )
    replace(folder / "secrets.txt", secrets_text(configuration, context.environment))
    notes.message = (
        f"release {release.id}: {len(configuration.variables)} variables, "
        f"{len(configuration.secrets)} secrets"
    )


def _release(context: Context, file: StackFile) -> Release:
    found = context.spec()
    assert context.application is not None
    declared = found.database.migrations if found.database else None
    head = migrations.revisions(context.application, declared).head if declared else None
    artifacts = {name: result.artifact for name, result in context.builds.items()}
    version = versioning.version(context.application, found)
    configuration = _configured(found, file, artifacts)
    content = {
        # what a rebuilt artifact is made of may differ in a byte; what it was made from does not
        "artifacts": {n: a.model_dump(exclude={"checksum"}) for n, a in artifacts.items()},
        "alembic_head": head,
        "configuration": configuration,
        "version": version,
    }
    return Release(
        id=f"{version}-{_digest(content)[:ID_LENGTH]}",
        version=version,
        commit=versioning.commit(context.application),
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        application=found.name,
        frontend=artifacts.get("frontend"),
        backend=artifacts.get("backend"),
        alembic_head=head,
        configuration=configuration,
        secrets={name: s.generate for name, s in found.secrets.items() if s.generate is not None},
        required_secrets=tuple(n for n, s in found.secrets.items() if s.generate is None),
        application_owns_schema=bool(
            found.database and found.database.schema_owner == "application"
        ),
        specification=str(_snapshot(context, found)),
    )


def _configured(
    found: Specification, file: StackFile, artifacts: Mapping[ServiceName, Artifact]
) -> str:
    """Return the fingerprint of variables and secrets; the secrets' by their encrypted values."""
    return _digest(
        {
            "variables": {name: artifact.variables for name, artifact in artifacts.items()},
            "secrets": {name: secret.generate for name, secret in found.secrets.items()},
            "given": {n: v for n, v in file.given.items() if n in found.secrets},
        }
    )


def _snapshot(context: Context, found: Specification) -> Path:
    """Keep the specification as it is now: a rollback must not read a newer one."""
    name = f"specification-{_digest(found.model_dump(mode='json'))}.json"
    return replace(context.home.artifacts / name, found.model_dump_json(by_alias=True, indent=1))


def _configuration(context: Context, release: Release) -> ConfigurationFact:
    assert context.address is not None
    route = release.backend.route if release.backend else "/"
    public = {**public_values(context.environment, context.address, route)}
    public.update(release_values(release))
    variables = [
        VariableFact(name=name, service=service, value=_plain(template, public), reference=template)
        for service in SERVICES
        if (artifact := release.artifact(service)) is not None
        for name, template in artifact.variables.items()
    ]
    where = f"state of the stack {context.environment}, encrypted"
    generated = [SecretFact(name=n, reference=where, source="generated") for n in release.secrets]
    file = f"Pulumi.{context.environment}.yaml, encrypted: secrets:"
    given = [
        SecretFact(name=name, reference=f"{file}{name}", source="given")
        for name in release.required_secrets
    ]
    return ConfigurationFact(
        variables=tuple(variables),
        secrets=(*generated, *given),
        file=str(context.home.environment(context.environment) / f".env.{context.environment}"),
    )


def _plain(template: str, values: dict[str, str]) -> str | None:
    # What is secret, or differs from replica to replica, is shown as its reference.
    names = references.names(template)
    if references.is_sensitive(template) or any(name not in values for name in names):
        return None
    return references.resolve(template, values)


def _digest(content: object) -> str:
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
