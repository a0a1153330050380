import pytest

from automation.errors import Blocked
from automation.specification.models import Backend, Flow, Specification
from automation.specification.recorded import recorded
from tests.doubles.releases import release

GREETS = {"request": "POST /api/greeting", "json": {"to": "ada"}, "as": "ada"}
FLOW = {"name": "greets", "category": "pages", "users": ["ada"], "steps": [GREETS]}
SPECIFICATION = Specification(
    name="tiny", backend=Backend(start="true"), smoke=(Flow.model_validate(FLOW),)
)
DOCUMENT = SPECIFICATION.model_dump_json(by_alias=True)


def of(specification: str):
    return release("r1").model_copy(update={"specification": specification})


def test_a_release_brings_its_specification_to_every_machine():
    assert recorded(of(DOCUMENT)) == SPECIFICATION


def test_one_that_was_recorded_as_a_file_is_read_where_the_file_is(tmp_path):
    (tmp_path / "specification.json").write_text(DOCUMENT)

    assert recorded(of(str(tmp_path / "specification.json"))) == SPECIFICATION


def test_elsewhere_it_is_said_what_helps(tmp_path):
    with pytest.raises(Blocked, match=r"of r1 is not kept any more: .*gone\.json") as blocked:
        recorded(of(str(tmp_path / "gone.json")))

    assert "Check its commit out" in blocked.value.hint
