"""A mandate: given, answered, ended."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from services.identity.domain.mandate import MANDATE, Command, EndByDeath
from services.identity.domain.mandate_terms import check_terms
from shared.contracts.errors import Invalid, NotFound, Refused
from shared.contracts.event import Event
from shared.contracts.identity import MandateEnded, MandateGiven
from shared.contracts.matters import MATTERS
from shared.standards.check_digits import mod_11_2
from shared.standards.id_number import IdNumber
from shared.standards.shanghai import day_in_shanghai
from tests.services.identity.examples import NOW, SPARE_NUMBER, decided
from tests.services.identity.mandates import (
    ACCEPT,
    DECLINE,
    END_BY_MOTHER,
    END_BY_SON,
    GIVE,
    LAPSE,
    MOTHER,
    SON,
    SON_ID,
    TOO_EARLY,
    UNTIL,
    types,
)

TODAY = day_in_shanghai(NOW)


def after(*commands: Command) -> list[Event]:
    events: list[Event] = []
    for command in commands:
        events += decided(MANDATE, events, command)
    return events


def test_giving_says_whom_and_for_what() -> None:
    given, _ = after(GIVE)
    assert isinstance(given, MandateGiven)
    assert (given.principal, given.agent, given.until) == (MOTHER.person, SON_ID, UNTIL)
    assert given.matters == ("insurance.read", "certificates.apply")


def test_the_named_agent_accepts() -> None:
    assert types(decided(MANDATE, after(GIVE), ACCEPT)) == ["MandateAccepted"]


def test_accepting_twice_is_accepting_once() -> None:
    assert decided(MANDATE, after(GIVE, ACCEPT), ACCEPT) == []


def test_an_agent_verified_later_accepts_too() -> None:
    """Nobody was told; the mandate was given to a name and number all the same."""
    assert types(decided(MANDATE, after(replace(GIVE, told=None)), ACCEPT)) == ["MandateAccepted"]


@pytest.mark.parametrize("change", [{"name": "李建军"}, {"id_number": SPARE_NUMBER}])
def test_another_name_or_number_finds_no_mandate(change: dict[str, str]) -> None:
    stranger = replace(SON, person=uuid4(), **change)  # type: ignore[arg-type]
    with pytest.raises(NotFound, match="no_such_mandate"):
        decided(MANDATE, after(GIVE), replace(ACCEPT, by=stranger))


def test_the_principal_cannot_accept_for_the_agent() -> None:
    with pytest.raises(NotFound):
        decided(MANDATE, after(GIVE), replace(ACCEPT, by=MOTHER))


def test_a_declined_mandate_is_over() -> None:
    events = after(GIVE, DECLINE)
    assert types(events)[-1] == "MandateDeclined"
    with pytest.raises(Refused, match="mandate_over"):
        decided(MANDATE, events, ACCEPT)


def test_what_was_accepted_is_ended_not_declined() -> None:
    with pytest.raises(Refused, match="mandate_accepted"):
        decided(MANDATE, after(GIVE, ACCEPT), DECLINE)


@pytest.mark.parametrize(("command", "reason"), [(END_BY_MOTHER, "by_principal"), (END_BY_SON, "by_agent")])
def test_either_ends_it_at_once(command: Command, reason: str) -> None:
    [ended] = decided(MANDATE, after(GIVE, ACCEPT), command)
    assert isinstance(ended, MandateEnded)
    assert ended.reason == reason


def test_the_principal_takes_back_what_nobody_accepted() -> None:
    assert types(decided(MANDATE, after(GIVE), END_BY_MOTHER)) == ["MandateEnded"]
    with pytest.raises(Refused, match="mandate_over"):
        decided(MANDATE, after(GIVE, END_BY_MOTHER), ACCEPT)


def test_a_stranger_ends_nothing() -> None:
    with pytest.raises(NotFound):
        decided(MANDATE, after(GIVE, ACCEPT), replace(END_BY_SON, by=uuid4()))


def test_ending_twice_is_ending_once() -> None:
    assert decided(MANDATE, after(GIVE, ACCEPT, END_BY_MOTHER), END_BY_SON) == []


@pytest.mark.parametrize("person", [MOTHER.person, SON_ID])
def test_a_death_of_either_ends_it(person: object) -> None:
    [ended] = decided(MANDATE, after(GIVE, ACCEPT), EndByDeath(person, NOW))  # type: ignore[arg-type]
    assert isinstance(ended, MandateEnded)
    assert ended.by is None


def test_it_lapses_at_the_end_of_its_last_day() -> None:
    assert decided(MANDATE, after(GIVE, ACCEPT), TOO_EARLY) == []
    assert types(decided(MANDATE, after(GIVE, ACCEPT), LAPSE)) == ["MandateEnded"]


def test_it_cannot_be_accepted_after_its_last_day() -> None:
    with pytest.raises(Refused, match="mandate_over"):
        decided(MANDATE, after(GIVE), replace(ACCEPT, now=LAPSE.now))


def check(**changes: object) -> None:
    terms = {
        "principal": MOTHER.id_number,
        "agent": SON.id_number,
        "matters": ["insurance.read"],
        "until": UNTIL,
        "today": TODAY,
        **changes,
    }
    check_terms(MATTERS, **terms)  # type: ignore[arg-type]


def test_a_mandate_may_last_a_year() -> None:
    check(until=TODAY + timedelta(days=MATTERS.longest_days))


@pytest.mark.parametrize("days", [-1, MATTERS.longest_days + 1])
def test_a_last_day_out_of_bounds_is_refused(days: int) -> None:
    with pytest.raises(Invalid, match="wrong_until"):
        check(until=TODAY + timedelta(days=days))


def test_an_unknown_matter_is_refused_by_name() -> None:
    with pytest.raises(Invalid, match=r"cases\.consent"):
        check(matters=["insurance.read", "cases.consent"])


@pytest.mark.parametrize("matters", [[], ["insurance.read", "insurance.read"]])
def test_each_matter_is_named_once(matters: list[str]) -> None:
    with pytest.raises(Invalid, match="wrong_matters"):
        check(matters=matters)


def test_nobody_gives_a_mandate_to_themselves() -> None:
    with pytest.raises(Invalid, match="wrong_agent"):
        check(agent=MOTHER.id_number)


MINOR = IdNumber("13012320100312001" + mod_11_2("13012320100312001"))


def test_minors_give_and_take_no_mandate() -> None:
    with pytest.raises(Refused, match="principal_too_young"):
        check(principal=MINOR)
    with pytest.raises(Invalid, match="wrong_agent"):
        check(agent=MINOR)
