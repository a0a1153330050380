from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.integration import browser, people

pytestmark = [pytest.mark.integration, pytest.mark.browser, pytest.mark.xdist_group("todo")]
PATIENCE_MILLISECONDS = 60_000


@pytest.fixture(scope="module")
def outputs(todo):
    return todo.slipway.outputs(todo.environment)


@pytest.fixture(scope="module")
def chromium(todo, outputs):
    path = browser.executable()
    if path is None:
        pytest.skip("there is no Chromium here: apt-get install chromium")
    certificate = todo.slipway.home / todo.environment / "tls" / "certificate.pem"
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with browser.chromium(path, certificate) as started:
        yield started


def opened(chromium: Browser, address: str) -> Page:
    """Open the application as somebody whose browser has never seen it."""
    page = chromium.new_context(base_url=address).new_page()
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    page.goto("/")
    return page


def enter(page: Page, form: str, email: str) -> None:
    fields = page.get_by_test_id(f"{form}-form")
    fields.get_by_label("Email").fill(email)
    fields.get_by_label("Password").fill(people.PASSWORD)
    fields.get_by_role("button").click()


def register(page: Page, email: str) -> None:
    page.get_by_role("link", name="Register").click()
    enter(page, "register", email)
    expect(page.get_by_test_id("user")).to_have_text(email)


@pytest.mark.parametrize("name", ["as printed", "todo.localhost"])
def test_a_person_registers_logs_in_and_adds_completes_and_deletes_a_task(chromium, outputs, name):
    printed = urlsplit(outputs["public_url"])
    host = printed.hostname if name == "as printed" else name
    email = people.email()
    page = opened(chromium, f"https://{host}:{printed.port}")

    register(page, email)
    page.get_by_role("button", name="Log out").click()
    enter(page, "login", email)
    expect(page.get_by_test_id("user")).to_have_text(email)
    page.get_by_label("New task").fill("Water the plants")
    page.get_by_role("button", name="Add").click()
    task = page.get_by_test_id("task")
    expect(task).to_have_text("Water the plantsDelete")

    page.get_by_label("Water the plants", exact=True).click()
    expect(task).to_have_class("done")
    page.reload()
    expect(page.get_by_label("Water the plants", exact=True)).to_be_checked()

    page.get_by_role("button", name="Delete Water the plants").click()
    expect(task).to_have_count(0)
    page.reload()
    expect(page.get_by_text("Nothing to do.")).to_be_visible()


def test_a_second_person_does_not_see_the_tasks_of_the_first(chromium, outputs):
    ada = opened(chromium, outputs["public_url"])
    register(ada, people.email())
    ada.get_by_label("New task").fill("A secret of Ada's")
    ada.get_by_role("button", name="Add").click()
    expect(ada.get_by_test_id("task")).to_have_count(1)

    grace = opened(chromium, outputs["public_url"])
    register(grace, people.email())

    expect(grace.get_by_text("Nothing to do.")).to_be_visible()
    expect(grace.get_by_test_id("task")).to_have_count(0)


def test_a_wrong_password_is_refused_in_words(chromium, outputs):
    page = opened(chromium, outputs["public_url"])

    enter(page, "login", people.email())

    expect(page.locator("p[role=alert]")).to_have_text("Wrong email or password")


def test_nothing_is_wrong_in_the_browsers_console(chromium, outputs):
    context = chromium.new_context(base_url=outputs["public_url"])
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    page.goto("/")

    register(page, people.email())

    assert problems == []
