from dataclasses import replace

import pytest

from services.identity.domain import person
from services.identity.domain.account import ACCOUNT, ChangePassword, NotInRegister, RegisterCitizen
from services.identity.domain.events import PasswordSet
from services.identity.domain.person import PERSON
from shared.contracts.errors import NotFound, Refused
from shared.contracts.identity import CitizenRegistered
from tests.services.identity.examples import (
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
REGISTER = RegisterCitizen(WANG, "王小明", WANG_NUMBER, PHONE, "a hash", NOW)
REGISTERED = [
    CitizenRegistered(citizen=WANG_ID, name="王小明", phone=PHONE, registered_at=NOW),
    PasswordSet(password_hash="a hash", set_at=NOW),
]


def test_who_is_in_the_register_opens_an_account() -> None:
    assert decided(ACCOUNT, [], REGISTER) == REGISTERED


def test_an_unknown_number_and_another_name_get_one_and_the_same_answer() -> None:
    answers = []
    for wrong in (
        replace(REGISTER, entry=person.Unknown()),
        replace(REGISTER, name="李小明"),
        replace(REGISTER, id_number=LI_NUMBER),
    ):
        with pytest.raises(NotInRegister) as refusal:
            decided(ACCOUNT, [], wrong)
        answers.append((refusal.value.code, refusal.value.text, refusal.value.facts))
    assert answers[0] == answers[1] == answers[2]


def test_who_registered_is_told_so() -> None:
    with pytest.raises(Refused) as refusal:
        decided(ACCOUNT, REGISTERED, REGISTER)
    assert refusal.value.code == "already_registered"


def test_who_does_not_know_the_name_does_not_learn_that_there_is_an_account() -> None:
    with pytest.raises(NotInRegister):
        decided(ACCOUNT, REGISTERED, replace(REGISTER, name="李小明"))


@pytest.mark.parametrize(
    ("in_register", "typed"),
    [("买买提·吐尔逊", "买买提•吐尔逊"), ("Anna Maria", "ANNA  MARIA"), ("王小明", " 王小明"), ("Anna", "Anna")],
)
def test_ways_of_typing_a_name_make_no_difference(in_register: str, typed: str) -> None:
    entry = state(PERSON, WANG_ENTERED.model_copy(update={"name": in_register}))

    assert decided(ACCOUNT, [], replace(REGISTER, entry=entry, name=typed))[0] == REGISTERED[0].model_copy(
        update={"name": in_register}
    )


def test_a_new_password_takes_the_place_of_the_old() -> None:
    changed = decided(ACCOUNT, REGISTERED, ChangePassword("another hash", NOW))

    assert changed == [PasswordSet(password_hash="another hash", set_at=NOW)]


def test_without_an_account_there_is_no_password_to_change() -> None:
    with pytest.raises(NotFound):
        decided(ACCOUNT, [], ChangePassword("a hash", NOW))
