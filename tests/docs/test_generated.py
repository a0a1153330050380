"""Generated parts are as the code has them."""

import html
import re

import pytest

from automation.reference import BLOCKS
from automation.reference.meanings import KEYS, REPORT_SECTIONS
from automation.reference.pages import MARKED, filled
from automation.reference.picture import drawn
from automation.reference.specification import DOCUMENT, FLOWS
from automation.reports.model import DeploymentReport
from automation.reports.schema import PUBLISHED, schema_text
from automation.terminal import LABELS
from tests.docs.pages import PAGES, all_text, text


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_what_the_generator_makes_of_it(page: str):
    assert text(page) == filled(text(page)), "run `python -m automation.reference`"


def test_every_generated_part_is_in_exactly_one_page():
    used = [found["name"] for found in MARKED.finditer(all_text())]

    assert sorted(used) == sorted(BLOCKS)


def test_what_lies_between_the_marks_is_replaced_and_the_rest_is_kept():
    page = "before\n<!-- generated: gates -->\nfrom before\n<!-- end of generated -->\nafter\n"

    new = filled(page)

    assert new.startswith("before\n<!-- generated: gates -->\n")
    assert new.endswith("<!-- end of generated -->\nafter\n")
    assert "from before" not in new
    assert filled(new) == new


def test_every_key_of_the_specification_has_a_meaning_and_no_meaning_is_left_over():
    keys = {
        shape.__name__: {field.alias or name for name, field in shape.model_fields.items()}
        for shape in (*DOCUMENT, *FLOWS)
    }

    assert {shape: set(meanings) for shape, meanings in KEYS.items()} == keys


def test_every_section_of_the_report_has_a_meaning():
    assert list(REPORT_SECTIONS) == list(DeploymentReport.model_fields)


def test_the_published_schema_is_that_of_the_models():
    assert PUBLISHED.read_text("utf-8") == schema_text()


def test_the_picture_shows_what_stayed_on_the_terminal_and_nothing_of_the_machine():
    printed = (
        "\x1b[32m\u280b\x1b[0m build \u2026\r\x1b[2K\x1b[32m\u2713\x1b[0m build  1.0 s\r\n"
        "Report /machine/home/development by me@host\r\n"
    )

    svg = drawn(printed, {"/machine/home": ".slipway", "me@host": "you@laptop"})
    shown = re.sub(r"<[^>]+>", "", svg).replace("&#160;", " ")

    assert "build  1.0 s" in shown
    assert "Report .slipway/development by you@laptop" in shown
    assert "\u280b" not in shown
    assert "machine" not in shown


def test_the_picture_has_every_step_that_a_deployment_tells_of():
    shown = html.unescape(re.sub(r"<[^>]+>", "", text("docs/images/up.svg"))).replace("\u00a0", " ")

    # nothing is rolled back in it
    assert [label for step, label in LABELS.items() if step != "undo" and label not in shown] == []
