"""What is passed on to shells, headers and rules is refused where those would not take it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from automation.errors import InvalidInput
from automation.specification.loader import load

VARIABLE = "expected letters, digits and _, no digit first"
VERSION = "expected letters, digits and . + _ -, at most 64, a letter or digit first"


def application(root: Path, backend: dict[str, Any], **fields: Any) -> Path:
    services = {"backend": {"path": ".", "start": "true", "health": "/", **backend}}
    (root / "specs" / "deployment").mkdir(parents=True)
    text = yaml.safe_dump({"name": "shop", **services, **fields}, sort_keys=False)
    (root / "specs" / "deployment" / "shop.md").write_text(f"---\n{text}---\n")
    return root


def refused(app: Path) -> str:
    with pytest.raises(InvalidInput) as caught:
        load(app)
    assert caught.value.details == ()
    return caught.value.message


@pytest.mark.parametrize(
    ("backend", "told"),
    [
        (
            {"variables": {"MY-VAR x": "1", "GOOD": "1", "2ND": "1"}},
            f"backend.variables: 'MY-VAR x', '2ND': no name of a variable; {VARIABLE}",
        ),
        (
            {"required_variables": ["MY.VAR"]},
            f"backend.required_variables: 'MY.VAR': no name of a variable; {VARIABLE}",
        ),
        (
            {"port_variable": "A B"},
            f"backend.port_variable: 'A B': no name of a variable; {VARIABLE}",
        ),
    ],
)
def test_a_variable_that_no_shell_takes_is_refused(tmp_path, backend, told):
    assert refused(application(tmp_path, backend)) == f"specs/deployment/shop.md: {told}"


def test_a_secret_that_cannot_be_given_or_is_called_like_a_version_of_another_is_refused(tmp_path):
    app = application(
        tmp_path, {}, secrets={"my-secret": {}, "KEY.v1": {"generate": 32}, "KEY": {}}
    )

    told = f"secrets: 'my-secret', 'KEY.v1': no name of a secret; {VARIABLE}"
    assert refused(app) == f"specs/deployment/shop.md: {told}"


@pytest.mark.parametrize("version", ["1.0 beta", "1.0\nx", "1.0\n", "ü", "", "-1", "1" * 65, "1/2"])
def test_a_version_that_breaks_a_header_or_a_route_is_refused(tmp_path, version):
    told = refused(application(tmp_path, {}, version=version))

    assert told == f"specs/deployment/shop.md: version: {version!r}: no version; {VERSION}"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pyproject.toml", '[project]\nversion = "1.0 beta"'),
        ("package.json", '{"version": "1.0 beta"}'),
    ],
)
def test_so_is_the_version_of_a_package_where_the_specification_names_none(tmp_path, file, text):
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / file).write_text(text)
    app = application(tmp_path, {"path": "api"})

    told = refused(app)

    assert told == (
        f"api/{file}: version: '1.0 beta': no version; {VERSION}; "
        "or declare `version` in the specification"
    )


def test_a_packages_version_does_not_matter_beside_the_specifications(tmp_path):
    (tmp_path / "package.json").write_text('{"version": "1.0 beta"}')

    assert load(application(tmp_path, {}, version="v1.0.0-rc.1+b_7")).version == "v1.0.0-rc.1+b_7"


@pytest.mark.parametrize("entry", ["https://evil/x", "POST /a", "GET a", "GET  /a", "/a b", "/a\n"])
def test_a_request_of_the_load_that_would_not_be_what_it_says_is_refused(tmp_path, entry):
    told = refused(application(tmp_path, {}, load=["/", "GET /a?b=1", entry]))

    expected = f"load: {entry!r}: no request of the load; expected `/path` or `GET /path`"
    assert told == f"specs/deployment/shop.md: {expected}"


@pytest.mark.parametrize("minutes", [-3, 0, 1441])
def test_a_time_after_which_no_rule_raises_an_alarm_is_refused(tmp_path, minutes):
    told = refused(application(tmp_path, {}, thresholds={"cpu_minutes": minutes}))

    assert told == (
        f"specs/deployment/shop.md: thresholds.cpu_minutes: {minutes}: no number of minutes; "
        "expected 1 to 1440"
    )
