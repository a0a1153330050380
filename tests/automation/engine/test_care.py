import pytest

from automation.engine.care import Care
from automation.engine.update import Update
from components.contract.settings import Settings

CLOUD = Settings(dns_platform="aws_route53")
LOSES = Update(resources=[("replace", "urn:pulumi:p::slipway::aws:ec2/vpc:Vpc::app-vpc")])


@pytest.mark.parametrize("refresh", [True, False])
def test_on_this_machine_no_change_needs_a_preview_and_the_first_one_asks(refresh: bool):
    care = Care(Settings(), refresh=refresh)

    assert (care.cautious, care.refreshes, care.remote) == (False, True, False)


@pytest.mark.parametrize("settings", [CLOUD, Settings()], ids=["cloud", "here"])
def test_what_is_there_is_asked_before_the_first_change_of_a_command_only(settings: Settings):
    care = Care(settings)

    assert care.refreshes
    care.changed()
    assert not care.refreshes


@pytest.mark.parametrize("refresh", [True, False])
def test_after_a_change_that_failed_it_is_asked_in_any_case(refresh: bool):
    care = Care(CLOUD, refresh=refresh)

    care.changed()
    care.doubt()

    assert care.refreshes


def test_who_does_not_want_it_does_not_ask_a_cloud():
    assert not Care(CLOUD, refresh=False).refreshes


def test_a_preview_that_loses_nothing_unasked_makes_changes_safe():
    for care in (Care(CLOUD), Care(CLOUD, allowed=frozenset({"app-vpc"}))):
        assert care.cautious
        care.foreseen(Update() if not care.allowed else LOSES)
        assert not care.cautious


def test_one_that_loses_something_does_not():
    care = Care(CLOUD, allowed=frozenset({"another"}))

    care.foreseen(LOSES)

    assert care.cautious
