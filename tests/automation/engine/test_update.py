from types import SimpleNamespace

from automation.engine.update import Update, said, told, without_colour

PROVIDER = """\
<{%reset%}>Exception calling application: postgres did not start within 30 s
Traceback (most recent call last):
  File "/venv/lib/python3.11/site-packages/grpc/_server.py", line 610, in _call_behavior
    response_or_iterator = behavior(argument, context)
                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/venv/lib/python3.11/site-packages/pulumi/dynamic/__main__.py", line 181, in Create
    result = provider.create(props)
  File "/checkout/components/dynamic/postgres.py", line 88, in create
    raise RuntimeError(
RuntimeError: postgres did not start within 30 s
the end of its log:
FATAL: data directory "/data" has wrong ownership<{%reset%}>
"""
WITHOUT_WORDS = """\
Traceback (most recent call last):
  File "/checkout/components/settings.py", line 12, in load
    raise SettingsInvalid(problems)
components.contract.settings_file.SettingsInvalid: Pulumi.staging.yaml: unknown key
"""


def test_of_a_providers_traceback_only_what_it_says_is_left():
    assert told(PROVIDER) == (
        "postgres did not start within 30 s\n"
        "the end of its log:\n"
        'FATAL: data directory "/data" has wrong ownership'
    )


def test_no_traceback_ever_remains():
    for message in (PROVIDER, WITHOUT_WORDS):
        assert "Traceback" not in told(message)
        assert "File " not in told(message)


def test_a_plain_error_is_told_as_it_is():
    message = "error: could not load plugin: no such file\n  see its log"

    assert told(message) == message


def test_colours_of_both_kinds_are_removed():
    assert without_colour("<{%fg 1%}>error:<{%reset%}> \x1b[31;1mno\x1b[0m") == "error: no"
    assert told("<{%fg 1%}>no<{%reset%}>\n") == "no"


def test_of_the_output_the_lines_with_errors_are_said_else_the_last_ones():
    assert said("Updating (staging)\n  error: no room\nResources:\n    1 errored\n") == (
        "error: no room\n1 errored"
    )
    assert said("a\n\nb\n") == "a\nb"
    assert said("\n".join(f"error {n}" for n in range(9))).splitlines()[0] == "error 4"
    assert said("") == ""


def event(**one):
    kinds = ("resource_pre_event", "diagnostic_event", "summary_event")
    return SimpleNamespace(**{kind: one.get(kind) for kind in kinds})


def before(operation: str, name: str):
    metadata = SimpleNamespace(op=operation, urn=f"urn:pulumi:staging::slipway::kind::{name}")
    return event(resource_pre_event=SimpleNamespace(metadata=metadata))


def test_an_update_remembers_what_differs_and_tells_it_line_by_line():
    lines: list[str] = []
    update = Update(on_line=lines.append)

    for one in (before("same", "database"), before("update", "edge"), before("create", "backend")):
        update(one)
    summary = SimpleNamespace(resource_changes={"same": 1, "update": 1, "create": 1})
    update(event(summary_event=summary))

    assert lines == ["update edge", "create backend"]
    assert [operation for operation, _ in update.resources] == ["update", "create"]
    assert update.changed


def test_what_the_engine_makes_for_itself_is_no_difference():
    update = Update()
    for name in ("default", "default_7_40_0", "cluster"):
        urn = f"urn:pulumi:staging::slipway::pulumi:providers:kubernetes::{name}"
        update(
            event(
                resource_pre_event=SimpleNamespace(metadata=SimpleNamespace(op="create", urn=urn))
            )
        )

    assert [urn.rpartition("::")[2] for _, urn in update.resources] == ["cluster"]


def test_an_update_without_differences_is_not_called_a_change():
    assert not Update(changes={"same": 12, "read": 1}).changed
    assert not Update().changed
    assert Update(changes={"same": 12, "delete": 1}).changed


def test_errors_are_kept_and_warnings_are_not():
    update = Update()

    for severity in ("error", "warning", "info"):
        note = SimpleNamespace(urn=None, severity=severity, message=f"<{{%reset%}}>{severity}")
        update(event(diagnostic_event=note))

    assert update.problems == ["error"]
