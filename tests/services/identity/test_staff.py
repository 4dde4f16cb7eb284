from dataclasses import replace

import pytest

from services.identity.domain.events import PasswordSet, StaffLoginGiven
from services.identity.domain.staff import STAFF, AppointStaff, ChangePassword, DismissStaff, login_name
from shared.contracts.errors import Invalid, NotFound, Refused
from shared.contracts.identity import Role, StaffAppointed, StaffDismissed
from shared.standards.divisions import WHOLE_COUNTRY
from shared.standards.errors import NotValid
from tests.services.identity.examples import LI_ID, NOW, WANG_ID, ZHENGDING, decided

ROLES = frozenset({Role.registrar})
APPOINT = AppointStaff(WANG_ID, "王警官", "wang.police", ROLES, ZHENGDING, "a hash", NOW)
APPOINTED = [
    StaffAppointed(staff=WANG_ID, name="王警官", roles=ROLES, division=ZHENGDING, appointed_at=NOW),
    StaffLoginGiven(login="wang.police"),
    PasswordSet(password_hash="a hash", set_at=NOW),
]
DISMISSED = StaffDismissed(staff=WANG_ID, dismissed_at=NOW)


def test_staff_are_appointed_with_a_login_and_a_password() -> None:
    assert decided(STAFF, [], APPOINT) == APPOINTED


def test_one_may_serve_the_whole_country() -> None:
    appointed = decided(STAFF, [], replace(APPOINT, division=WHOLE_COUNTRY))[0]

    assert isinstance(appointed, StaffAppointed)
    assert appointed.division == WHOLE_COUNTRY


def test_nobody_serves_in_an_unknown_division() -> None:
    with pytest.raises(NotValid):
        decided(STAFF, [], replace(APPOINT, division="990000000000"))


def test_nobody_is_appointed_without_a_role() -> None:
    with pytest.raises(Invalid) as refusal:
        decided(STAFF, [], replace(APPOINT, roles=frozenset()))
    assert list(refusal.value.fields) == ["roles"]


def test_a_login_is_given_once() -> None:
    with pytest.raises(Refused) as refusal:
        decided(STAFF, APPOINTED, APPOINT)
    assert refusal.value.code == "login_taken"


def test_the_login_of_who_was_dismissed_is_not_given_to_another() -> None:
    with pytest.raises(Refused) as refusal:
        decided(STAFF, [*APPOINTED, DISMISSED], APPOINT)
    assert refusal.value.code == "login_taken"


def test_staff_are_dismissed() -> None:
    assert decided(STAFF, APPOINTED, DismissStaff(LI_ID, NOW)) == [DISMISSED]


def test_dismissing_again_says_nothing() -> None:
    assert decided(STAFF, [*APPOINTED, DISMISSED], DismissStaff(LI_ID, NOW)) == []


def test_nobody_dismisses_himself() -> None:
    with pytest.raises(Refused) as refusal:
        decided(STAFF, APPOINTED, DismissStaff(WANG_ID, NOW))
    assert refusal.value.code == "not_oneself"


def test_nobody_cannot_be_dismissed() -> None:
    with pytest.raises(NotFound):
        decided(STAFF, [], DismissStaff(LI_ID, NOW))


def test_a_new_password_takes_the_place_of_the_old() -> None:
    assert decided(STAFF, APPOINTED, ChangePassword("another", NOW)) == [
        PasswordSet(password_hash="another", set_at=NOW)
    ]


def test_who_was_dismissed_sets_no_password() -> None:
    with pytest.raises(NotFound):
        decided(STAFF, [*APPOINTED, DISMISSED], ChangePassword("another", NOW))


@pytest.mark.parametrize("login", ["ab", "1wang", "wang police", "王警官", "w" * 41, "wang@home"])
def test_what_cannot_be_a_login_is_refused(login: str) -> None:
    with pytest.raises(Invalid):
        login_name(login)


def test_a_login_is_the_same_in_capitals() -> None:
    assert login_name(" Wang.Police ") == "wang.police"
