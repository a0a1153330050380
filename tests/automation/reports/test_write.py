import json
import stat
from dataclasses import replace as replace_fact

import jsonschema
import pytest
import yaml

from automation.redaction import Redactor
from automation.reports.assembly import build_report
from automation.reports.course import EventFact, GateFact, UndoStepFact
from automation.reports.schema import report_schema
from automation.reports.write import write
from components.contract.files import replace
from tests.automation.reports import examples

SENTINELS = (
    "sentinel-plain-0123456789",
    'senti*nel_<with>&"quotes"\'and`ticks`|[x]',
    "s3ntinel/with+signs=and%20more",
    "-----BEGIN PRIVATE KEY-----\nc2VudGluZWxsaW5l\nbGluZXR3bw1234==\n-----END PRIVATE KEY-----",
    "9876543210",
)
FRAGMENTS = (
    "sentinel-plain",
    "senti*nel",
    "senti\\*nel",
    "s3ntinel",
    "c2VudGluZWxsaW5l",
    "bGluZXR3bw1234",
    "9876543210",
)


def poisoned(name):
    """Return facts that hold every sentinel wherever a text can be."""
    facts = examples.ALL[name]()
    leak = " and ".join(SENTINELS)
    facts.reason = facts.deployer = facts.owner = facts.manifest = leak
    facts.checks.append(examples.o.CheckFact(name=leak, status="failed", details=leak, remedy=leak))
    facts.steps[-1] = examples.o.StepFact(
        name=facts.steps[-1].name, status="failed", seconds=1.0, message=leak
    )
    facts.logs = {leak: leak}
    facts.commits = [examples.h.CommitFact(id="c" * 40, subject=leak, author=leak)]
    facts.gates = [
        GateFact(
            step=1,
            service="backend",
            slot="green",
            gate=leak,
            verdict="fail",
            reason=leak,
            evidence={leak: {"nested": [leak]}},
            log=(leak,),
        )
    ]
    facts.timeline = [EventFact(at=examples.STARTED, kind="note", text=leak)]
    if facts.rollback is not None:
        undone = UndoStepFact(description=leak, status="failed")
        facts.rollback = replace_fact(facts.rollback, steps=(undone,), verified=leak)
    facts.immediate = [leak, f"https://user:{SENTINELS[0]}@host/db"]
    facts.explain("evidence.probe", leak)
    if facts.way_back is not None:
        facts.way_back = examples.h.WayBackFact(
            command=leak, release="r-old", version=leak, effect=leak, procedure=(leak,)
        )
    return facts


@pytest.mark.parametrize("name", examples.ALL)
def test_no_secret_is_in_any_document(name, tmp_path):
    redactor = Redactor()
    for value in SENTINELS:
        redactor.register(value)
    facts = poisoned(name)

    written = write(build_report(facts), facts, tmp_path, redactor=redactor)

    for path in written.values():
        text = path.read_text(encoding="utf-8")
        assert [part for part in FRAGMENTS if part in text] == [], path.name
    validator = jsonschema.Draft202012Validator(report_schema())
    validator.validate(json.loads(written["report.json"].read_text()))
    validator.validate(yaml.safe_load(written["report.yaml"].read_text()))


def test_the_sentinels_would_be_seen_without_the_redaction(tmp_path):
    facts = poisoned("deployed")

    written = write(build_report(facts), facts, tmp_path, redactor=Redactor())

    for path in (p for name, p in written.items() if not name.startswith("checklists/")):
        assert "sentinel-plain" in path.read_text(encoding="utf-8"), path.name


def test_every_document_is_written_and_nothing_else_is_left(tmp_path):
    facts = examples.deployed()

    written = write(build_report(facts), facts, tmp_path, redactor=Redactor())

    assert set(written) == {
        "report.yaml",
        "report.json",
        "report.html",
        "checklists/pre-deployment.md",
        "checklists/post-deployment.md",
        "checklists/monitoring.md",
        "rollback-plan.md",
        "changelog.md",
        "runbook.md",
    }
    files = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert files == set(written.values())
    assert all(not path.stat().st_mode & stat.S_IRWXO for path in files)


def test_an_incident_is_written_where_there_is_one_and_nowhere_else(tmp_path):
    for name, made in examples.ALL.items():
        facts = made()
        write(build_report(facts), facts, tmp_path / name, redactor=Redactor())

    found = sorted(path.parent.name for path in tmp_path.rglob("incident.md"))
    assert found == ["failed", "rolled_back"]


def test_a_write_that_fails_keeps_the_old_file_and_leaves_no_other(tmp_path):
    path = replace(tmp_path / "report.yaml", "old")

    with pytest.raises(UnicodeEncodeError):
        replace(path, "new \ud800")

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
