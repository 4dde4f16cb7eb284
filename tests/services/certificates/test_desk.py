"""Who may apply, and who must act for him."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.certificates.domain.desk import Desk, Somebody, check_applicant, check_assistance
from shared.contracts.certificates import Assistance
from shared.contracts.errors import Invalid, Refused
from shared.standards.id_number import IdNumber
from tests.services.certificates.examples import CHILD, CHILDS_NUMBER, ID_NUMBER, LI, TODAY, WOMANS_NUMBER, ZHANG

STAFF = UUID("0192c000-0000-7000-8000-000000000005")
MANDATE = "ab" * 32

APP = Desk("app", ZHANG)
WINDOW = Desk("window", STAFF)
HELPER = Desk("helper", STAFF, LI)
KIOSK = Desk("kiosk", STAFF)

MAN = Somebody(ZHANG, ID_NUMBER, is_alive=True)
WOMAN = Somebody(LI, WOMANS_NUMBER, is_alive=True)
GIRL = Somebody(CHILD, CHILDS_NUMBER, is_alive=True)  # five years old

GUARDIAN = Assistance(relation="guardian", name="李四", id_number=WOMANS_NUMBER)
HELP = Assistance(relation="mandate", name="帮有员", id_number=WOMANS_NUMBER, mandate=MANDATE)


def refusal(
    desk: Desk,
    applicant: Somebody,
    assistance: Assistance | None = None,
    assistant: Somebody | None = None,
    *,
    under_mandate: bool = False,
) -> str:
    with pytest.raises(Refused) as caught:
        check_assistance(desk, applicant, assistance, assistant, TODAY, under_mandate=under_mandate)
    if isinstance(caught.value, Invalid):
        return " ".join(caught.value.fields)
    return caught.value.code


def test_who_is_of_age_needs_nobody() -> None:
    for desk in (APP, WINDOW, KIOSK):
        check_assistance(desk, MAN, None, None, TODAY)


@pytest.mark.parametrize("desk", [APP, WINDOW, KIOSK, HELPER])
def test_a_minor_needs_a_guardian_at_every_desk(desk: Desk) -> None:
    assert refusal(desk, GIRL) == "guardian_needed"
    assert refusal(desk, GIRL, HELP) == "guardian_needed"


def test_a_guardian_is_a_living_person_of_age_and_another() -> None:
    check_assistance(WINDOW, GIRL, GUARDIAN, WOMAN, TODAY)
    assert refusal(WINDOW, GIRL, GUARDIAN) == "assistance"  # nobody of that name and number
    assert refusal(WINDOW, GIRL, GUARDIAN, GIRL) == "assistance.id_number"
    other_child = Somebody(LI, CHILDS_NUMBER, is_alive=True)
    assert refusal(WINDOW, GIRL, GUARDIAN, other_child) == "assistance.id_number"
    assert refusal(WINDOW, GIRL, GUARDIAN, Somebody(LI, WOMANS_NUMBER, is_alive=False)) == "assistance.id_number"
    assert refusal(WINDOW, MAN, GUARDIAN, WOMAN) == "assistance.relation"


def test_whom_the_register_names_is_the_guardian_and_nobody_else() -> None:
    guarded = Somebody(CHILD, CHILDS_NUMBER, is_alive=True, guardians=frozenset({LI}))
    check_assistance(WINDOW, guarded, GUARDIAN, WOMAN, TODAY)
    assert refusal(WINDOW, guarded, GUARDIAN, MAN) == "assistance.name"
    assert (guarded.is_ward_of(LI, TODAY), guarded.is_ward_of(ZHANG, TODAY)) == (True, False)
    assert not guarded.is_ward_of(LI, date(2036, 11, 5))  # eighteen today


def test_a_helper_needs_a_mandate_and_names_themselves() -> None:
    check_assistance(HELPER, MAN, HELP, WOMAN, TODAY)
    assert refusal(HELPER, MAN) == "mandate_needed"
    assert refusal(HELPER, MAN, HELP.model_copy(update={"mandate": None})) == "mandate_needed"
    assert refusal(HELPER, MAN, HELP, None) == "assistance.id_number"  # nobody of that name and number
    assert refusal(HELPER, MAN, HELP, Somebody(CHILD, CHILDS_NUMBER, is_alive=True)) == "assistance.id_number"
    assert refusal(HELPER, GIRL, GUARDIAN, WOMAN) == "mandate_needed"
    check_assistance(HELPER, GIRL, GUARDIAN.model_copy(update={"mandate": MANDATE}), WOMAN, TODAY)


def test_a_helper_whose_number_nobody_checked_helps_nobody() -> None:
    unknown = Desk("helper", STAFF)
    assert refusal(unknown, MAN, HELP, WOMAN) == "helper_not_verified"
    assert refusal(unknown, MAN, HELP, WOMAN, under_mandate=True) == "helper_not_verified"


def test_under_an_accepted_mandate_no_paper_is_needed() -> None:
    without = HELP.model_copy(update={"mandate": None})
    for desk in (APP, HELPER):
        check_assistance(desk, MAN, without, WOMAN, TODAY, under_mandate=True)
    assert refusal(HELPER, MAN, without, None, under_mandate=True) == "assistance.id_number"


def test_an_agent_at_the_counter_brings_the_mandate_and_in_the_app_there_is_none() -> None:
    check_assistance(WINDOW, MAN, HELP, WOMAN, TODAY)
    assert refusal(WINDOW, MAN, HELP, None) == "assistance"
    assert refusal(WINDOW, MAN, HELP.model_copy(update={"mandate": None})) == "assistance.mandate"
    assert refusal(APP, MAN, HELP) == "assistance.relation"


def test_the_dead_do_not_apply_and_some_things_have_an_age() -> None:
    with pytest.raises(Refused, match="applicant_died"):
        check_applicant(Somebody(ZHANG, ID_NUMBER, is_alive=False), None, TODAY)
    with pytest.raises(Refused, match="too_young"):
        check_applicant(GIRL, 14, TODAY)
    check_applicant(GIRL, None, TODAY)
    check_applicant(MAN, 14, TODAY)


@given(st.dates(date(1985, 3, 12), date(2090, 1, 1)))
def test_an_age_is_a_year_more_from_each_birthday_on(day: date) -> None:
    age = MAN.age_on(day)
    birthday, next_birthday = date(1985 + age, 3, 12), date(1986 + age, 3, 12)
    assert birthday <= day < next_birthday


def test_who_was_born_on_29_february_is_of_age_on_1_march() -> None:
    leapling = Somebody(LI, IdNumber("130123200002291231"), is_alive=True)
    assert (leapling.age_on(date(2018, 2, 28)), leapling.age_on(date(2018, 3, 1))) == (17, 18)
