"""Resolve variables and secrets, and give the release its name."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime

from automation import versioning
from automation.context import Context
from automation.events import StepNotes
from automation.packaging import pack
from automation.reports.configured import ConfigurationFact, SecretFact, VariableFact
from automation.reports.environment_file import environment_text, secrets_text
from automation.settings import StackFile
from automation.specification import migrations
from automation.specification.models import Specification, Thresholds
from automation.steps.validate import release_fact
from components.contract import references, secret_versions
from components.contract.files import replace
from components.contract.release import SERVICES, Artifact, Release, ServiceName
from components.contract.secret_versions import MADE
from components.contract.values import public_values, release_values

ID_LENGTH = 8


def run(context: Context, file: StackFile, notes: StepNotes) -> None:
    """Make the release, and write `.env.<environment>` and `secrets.txt` beside it."""
    made = _release(context, file)
    # What was built before keeps the record that it got then.
    known = context.live.releases.get(made.id)
    if known is not None and known.specification != made.specification:
        known = _described(context, known, made.specification)
    context.release = release = known or pack.named(made, context.settings)
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


def _described(context: Context, known: Release, specification: str) -> Release:
    """Record what is said of a release now: its smoke flows, say, are not part of what it is."""
    release = known.model_copy(update={"specification": specification})
    releases = {**context.live.releases, release.id: release}
    context.live = context.live.model_copy(update={"releases": releases})
    return release


def _release(context: Context, file: StackFile) -> Release:
    found = context.spec()
    assert context.application is not None
    declared = found.database.migrations if found.database else None
    head = migrations.revisions(context.application, declared).head if declared else None
    artifacts = {name: result.artifact for name, result in context.builds.items()}
    version = versioning.version(context.application, found)
    versions = _versions(context, file, found)
    configuration = _configured(found, versions, artifacts)
    thresholds = found.thresholds.model_dump()
    content = {
        # what a rebuilt artifact is made of may differ in a byte; what it was made from does not
        "artifacts": {n: a.model_dump(exclude={"checksum"}) for n, a in artifacts.items()},
        "alembic_head": head,
        "configuration": configuration,
        "version": version,
        # the alert rules are those of the release that is live; the usual ones are nobody's own
        **({"thresholds": thresholds} if found.thresholds != Thresholds() else {}),
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
        secret_versions=versions,
        application_owns_schema=bool(
            found.database and found.database.schema_owner == "application"
        ),
        specification=found.model_dump_json(by_alias=True),
        thresholds=thresholds,
    )


def _versions(context: Context, file: StackFile, found: Specification) -> dict[str, int]:
    """Return the version of each secret that is given, and MADE for those that Slipway makes.

    The same value has the same version, however often it was set: only values are compared.
    """
    given = [name for name in found.secrets if name in file.given]
    made = {n: MADE for n, s in found.secrets.items() if s.generate is not None and n not in given}
    if not given:
        return made
    # Whatever runs from here on may print them: the first update that fails has no outputs yet.
    values = context.engine.given()
    context.redactor.register_all(values.values())
    recorded = context.live.releases.values()
    if not any(name in release.secret_versions for release in recorded for name in given):
        return {**made, **dict.fromkeys(given, MADE + 1)}
    now = {name: values[name] for name in given if name in values}
    return {**made, **secret_versions.numbered(now, context.secrets, recorded)}


def _configured(
    found: Specification, versions: Mapping[str, int], artifacts: Mapping[ServiceName, Artifact]
) -> str:
    """Return the fingerprint of variables and secrets; the secrets' by their versions."""
    return _digest(
        {
            "variables": {name: artifact.variables for name, artifact in artifacts.items()},
            "secrets": {name: secret.generate for name, secret in found.secrets.items()},
            "given": {name: version for name, version in versions.items() if version != MADE},
        }
    )


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
    return ConfigurationFact(
        variables=tuple(variables),
        secrets=_secrets(context, release),
        file=str(context.home.environment(context.environment) / f".env.{context.environment}"),
    )


def _secrets(context: Context, release: Release) -> tuple[SecretFact, ...]:
    made = f"state of the stack {context.environment}, encrypted"
    file = f"Pulumi.{context.environment}.yaml, encrypted: secrets:"
    facts = []
    for name in (*release.secrets, *release.required_secrets):
        version = release.secret_versions.get(name)
        if version or name in release.required_secrets:
            told = f", version {version}" if version else ""
            facts.append(SecretFact(name=name, reference=f"{file}{name}{told}", source="given"))
        else:
            facts.append(SecretFact(name=name, reference=made, source="generated"))
    return tuple(facts)


def _plain(template: str, values: dict[str, str]) -> str | None:
    # What is secret, or differs from replica to replica, is shown as its reference.
    names = references.names(template)
    if references.is_sensitive(template) or any(name not in values for name in names):
        return None
    return references.resolve(template, values)


def _digest(content: object) -> str:
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
