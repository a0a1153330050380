"""Deployments of prebuilt folders, and previews of pull requests."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from clients.vercel import deployments, files, previews, projects
from clients.vercel.errors import DeploymentFailed, Refused, Unanswered
from clients.vercel.transport import Api
from tests.doubles.clock import FakeClock
from tests.doubles.vercel.fake import FakeVercel
from tests.doubles.vercel.model import Project

Prebuilt = Callable[[str], Path]
SECRET = "0123456789abcdef0123456789ABCDEF"


def production(api: Api, folder: Path, **meta: str) -> str:
    made = deployments.create(api, "shop", folder, target="production", meta=meta)
    return str(made["id"])


def page(fake: FakeVercel, host: str, **headers: str) -> httpx.Response:
    return httpx.get(fake.url, headers={"host": host, **headers})


def test_only_what_vercel_does_not_have_is_uploaded(
    api: Api, fake: FakeVercel, project: Project, prebuilt: Prebuilt
) -> None:
    production(api, prebuilt("one"))
    assert fake.count("POST", "/v2/files") == 2

    production(api, prebuilt("two"))

    assert fake.count("POST", "/v2/files") == 3, "config.json is the same"


def test_an_upload_that_fails_is_repeated(
    api: Api, fake: FakeVercel, project: Project, prebuilt: Prebuilt
) -> None:
    fake.fail("POST", "/v2/files", status=502)
    fake.throttle("POST", "/v2/files")

    production(api, prebuilt("one"))

    assert fake.count("POST", "/v2/files") == 4


def test_a_deployment_whose_answer_was_lost_is_found_and_not_made_twice(
    api: Api, fake: FakeVercel, project: Project, prebuilt: Prebuilt
) -> None:
    folder = prebuilt("one")
    files.upload(api, files.listed(folder), [each.sha for each in files.listed(folder)])
    fake.fail("POST", "/v13/deployments", status=0, after=True)

    made = production(api, folder, release="r1")

    assert list(fake.service.deployments) == [made]


def test_a_deployment_that_was_not_made_is_told(
    api: Api, fake: FakeVercel, project: Project, prebuilt: Prebuilt
) -> None:
    fake.fail("POST", "/v13/deployments", status=500)

    with pytest.raises(Unanswered, match="Run the command again"):
        production(api, prebuilt("one"), release="r1")


def test_a_build_output_that_is_none_ends_in_an_error(
    api: Api, fake: FakeVercel, project: Project, tmp_path: Path
) -> None:
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "index.html").write_text("no output")

    with pytest.raises(DeploymentFailed, match="ended ERROR: Config file was not found"):
        production(api, tmp_path / "page")


def test_a_deployment_is_waited_for_until_a_deadline(
    api: Api, fake: FakeVercel, clock: FakeClock, project: Project, prebuilt: Prebuilt
) -> None:
    made = production(api, prebuilt("one"))
    fake.service.deployments[made].looks = -(10**6)

    with pytest.raises(DeploymentFailed, match=r"is still \w+ after 600 s"):
        deployments.wait(api, made)


def test_a_pull_request_has_one_preview_the_newest(
    api: Api, fake: FakeVercel, project: Project, prebuilt: Prebuilt
) -> None:
    one, two = prebuilt("one"), prebuilt("two")
    previews.deploy(api, "shop", 18, one, digest="a", commit=None)
    first, _ = previews.deploy(api, "shop", 17, one, digest="a", commit="c0ffee")
    again, reused = previews.deploy(api, "shop", 17, one, digest="a", commit="c0ffee")
    assert (again["id"], reused) == (first["id"], True)

    second, reused = previews.deploy(api, "shop", 17, two, digest="b", commit="beef")

    assert not reused
    assert [each["uid"] for each in previews.find(api, "shop", 17)] == [second["id"]]
    assert second["target"] is None
    assert second["meta"]["commit"] == "beef"
    assert previews.remove(api, "shop", 17) == 1
    assert previews.remove(api, "shop", 17) == 0
    assert len(previews.find(api, "shop", 18)) == 1


def test_previews_are_behind_a_login_that_automation_gets_past(
    api: Api, fake: FakeVercel, project: Project, prebuilt: Prebuilt
) -> None:
    made, _ = previews.deploy(api, "shop", 17, prebuilt("one"), digest="a", commit=None)
    assert page(fake, made["url"]).status_code == 401

    projects.let_in(api, "shop", SECRET, "tests")
    assert projects.passes(projects.get(api, "shop") or {}) == {"tests": SECRET}
    assert page(fake, made["url"], **{"x-vercel-protection-bypass": SECRET}).text == "one"

    projects.shut_out(api, "shop", SECRET)
    assert page(fake, made["url"], **{"x-vercel-protection-bypass": SECRET}).status_code == 401


def test_lists_are_read_to_their_end(
    api: Api, fake: FakeVercel, project: Project, prebuilt: Prebuilt
) -> None:
    production(api, prebuilt("one"))
    made = next(iter(fake.service.deployments.values()))
    for number in range(250):
        copy = fake.service.add_deployment(
            {"name": "shop", "files": list(made.files.values())}, prebuilt=True
        )
        copy.created = made.created + 1 + number

    assert len(deployments.find(api, "shop")) == 251
    assert len(deployments.find(api, "shop", target="production")) == 1


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"files": []}, "`files` should not be empty"),
        ({"files": [{"file": "../a", "sha": "0" * 40}]}, "leads out of the deployment"),
        ({"target": "nowhere"}, "`target` should be"),
        ({"surprise": 1}, "additional property `surprise`"),
        ({"project": "other"}, "Project not found"),
    ],
)
def test_the_fake_refuses_what_the_api_does(
    api: Api, project: Project, changed: dict[str, object], told: str
) -> None:
    body = {"name": "shop", "files": [{"file": "a", "sha": "0" * 40}], **changed}

    with pytest.raises(Refused, match=told):
        api.call("POST", "/v13/deployments", body)
