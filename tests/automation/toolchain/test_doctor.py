from automation.toolchain.doctor import diagnose


def test_every_tool_is_looked_for_and_what_is_wrong_has_a_hint():
    findings = diagnose()
    names = [each.name for each in findings if not each.name.startswith("plugin ")]

    assert names == [
        *("python", "pulumi", "language host", "node", "npm", "postgres", "envoy", "caddy", "uv"),
        *("git", "disk space", "*.localhost", "open files", "aws", "crane"),
    ]
    assert [finding for finding in findings if finding.status != "ok" and not finding.hint] == []


def test_tools_that_come_with_the_requirements_are_there_and_run():
    found = {finding.name: finding for finding in diagnose()}

    for name in ("python", "postgres", "envoy", "caddy", "uv", "node", "npm"):
        assert found[name].status == "ok", found[name]
        assert found[name].version, found[name]
