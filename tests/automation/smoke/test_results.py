"""Categories fail with one of their flows, and nothing is said of what was not run."""

from automation.smoke.results import CategoryResult, FlowResult, FlowStatus, functionality
from automation.specification.models import Category


def flow(category: Category, status: FlowStatus, name: str = "it") -> FlowResult:
    return FlowResult(name, category, "high", status, 5, None if status == "passed" else "why")


def test_a_category_passes_with_all_its_flows_and_fails_with_one() -> None:
    found = functionality(
        [
            flow("authentication", "passed", "login"),
            flow("authentication", "passed", "logout"),
            flow("crud_operations", "passed"),
            flow("crud_operations", "failed", "add"),
        ]
    )

    assert found["authentication"] == CategoryResult("passed", "passed: login, logout")
    assert found["crud_operations"] == CategoryResult("failed", "add: why")


def test_what_a_report_always_has_is_skipped_where_nothing_was_run() -> None:
    assert {name: result.status for name, result in functionality([]).items()} == {
        "authentication": "skipped",
        "crud_operations": "skipped",
        "multi_user_isolation": "skipped",
    }


def test_skipped_flows_are_named_and_do_not_pass() -> None:
    found = functionality(
        [
            flow("data_consistency", "skipped", "stored"),
            flow("pages", "passed", "home"),
            flow("pages", "skipped", "admin"),
        ]
    )

    assert found["data_consistency"] == CategoryResult("skipped", "stored skipped: why")
    assert found["pages"] == CategoryResult("passed", "passed: home; admin skipped: why")
