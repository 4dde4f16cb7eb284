from dataclasses import replace

import pytest

from services.identity.domain import person
from services.identity.domain.account import (
    ACCOUNT,
    AtCounter,
    ByProvider,
    ChangePassword,
    NotInRegister,
    Opened,
    VerifyCitizen,
)
from services.identity.domain.events import PasswordSet, VerifiedAtCounter, VerifiedByProvider
from services.identity.domain.person import PERSON
from shared.contracts.errors import NotFound
from shared.contracts.identity import AccountPhoneChanged, CitizenRegistered
from shared.standards.phone import MobileNumber
from shared.standards.text import Text
from tests.services.identity.examples import (
    LI_ID,
    LI_NUMBER,
    NOW,
    PHONE,
    WANG_ENTERED,
    WANG_ID,
    WANG_NUMBER,
    decided,
    state,
)

WANG = state(PERSON, WANG_ENTERED)
VERIFY = VerifyCitizen(WANG, "王小明", WANG_NUMBER, PHONE, "a hash", AtCounter(LI_ID, "居民身份证"), NOW)
VERIFIED = [
    CitizenRegistered(citizen=WANG_ID, name="王小明", phone=PHONE, registered_at=NOW),
    VerifiedAtCounter(citizen=WANG_ID, by=LI_ID, document="居民身份证", verified_at=NOW),
    PasswordSet(password_hash="a hash", set_at=NOW),
]


def test_who_proved_who_they_are_has_a_verified_account() -> None:
    assert decided(ACCOUNT, [], VERIFY) == VERIFIED


def test_what_a_provider_vouched_for_is_told_with_it() -> None:
    stand_in = ByProvider("stand-in", Text("演示用替身", "stand-in"), True, "eid", "0123456789")
    [_, verified, _] = decided(ACCOUNT, [], replace(VERIFY, proof=stand_in))

    assert isinstance(verified, VerifiedByProvider)
    assert (verified.provider, verified.is_stand_in, verified.method) == ("stand-in", True, "eid")
    opened = state(ACCOUNT, *VERIFIED, verified)
    assert isinstance(opened, Opened)
    assert opened.proof == stand_in


def test_whom_the_register_does_not_hold_is_told_so() -> None:
    for wrong in (
        replace(VERIFY, entry=person.Unknown()),
        replace(VERIFY, name="李小明"),
        replace(VERIFY, id_number=LI_NUMBER),
    ):
        with pytest.raises(NotInRegister):
            decided(ACCOUNT, [], wrong)


def test_a_new_phone_that_was_proved_takes_the_place_of_the_old() -> None:
    new = MobileNumber("13911111111")
    events = decided(ACCOUNT, VERIFIED, replace(VERIFY, phone=new, password_hash="another hash"))

    assert [type(event) for event in events] == [AccountPhoneChanged, VerifiedAtCounter, PasswordSet]
    opened = state(ACCOUNT, *VERIFIED, *events)
    assert isinstance(opened, Opened)
    assert (opened.phone, opened.password_hash) == (new, "another hash")


def test_proved_again_with_the_same_phone_the_password_is_the_new_one() -> None:
    events = decided(ACCOUNT, VERIFIED, replace(VERIFY, password_hash="another hash"))

    assert [type(event) for event in events] == [VerifiedAtCounter, PasswordSet]


@pytest.mark.parametrize(
    ("in_register", "typed"),
    [("买买提·吐尔逊", "买买提•吐尔逊"), ("Anna Maria", "ANNA  MARIA"), ("王小明", " 王小明"), ("Anna", "Anna")],
)
def test_ways_of_typing_a_name_make_no_difference(in_register: str, typed: str) -> None:
    entry = state(PERSON, WANG_ENTERED.model_copy(update={"name": in_register}))

    assert decided(ACCOUNT, [], replace(VERIFY, entry=entry, name=typed))[0] == VERIFIED[0].model_copy(
        update={"name": in_register}
    )


def test_a_new_password_takes_the_place_of_the_old() -> None:
    changed = decided(ACCOUNT, VERIFIED, ChangePassword("another hash", NOW))

    assert changed == [PasswordSet(password_hash="another hash", set_at=NOW)]


def test_without_an_account_there_is_no_password_to_change() -> None:
    with pytest.raises(NotFound):
        decided(ACCOUNT, [], ChangePassword("a hash", NOW))
