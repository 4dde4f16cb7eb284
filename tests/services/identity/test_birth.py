"""Whether the register may take a birth: pure."""

from datetime import date

import pytest

from services.identity.domain.birth import birth_of, parents_of
from services.identity.domain.birth_claim import BIRTH_CLAIM, ClaimBirth, ReleaseBirth
from services.identity.domain.events import BirthClaimed, BirthReleased, NewbornNumberChosen
from services.identity.domain.guardians import NameGuardians
from services.identity.domain.newborn_number import NEWBORN_NUMBER, ChooseNumber, Numbered, Unnumbered
from services.identity.domain.person import (
    PERSON,
    Dead,
    Entered,
    EnterNewborn,
    EnterPerson,
    State,
    Unknown,
)
from shared.contracts.errors import Invalid, Refused
from shared.contracts.identity import GuardiansNamed, PersonRegistered
from shared.standards.errors import NotValid
from shared.standards.id_number import IdNumber
from tests.services.identity.examples import (
    LI_ID,
    LI_NUMBER,
    NAMESAKE,
    NOW,
    TAYUANZHUANG,
    WANG_ENTERED,
    WANG_ID,
    WANG_NUMBER,
    decided,
)

TODAY = date(2023, 12, 24)
NEWBORN = IdNumber("130123202312220024")
OTHER_NUMBER = IdNumber("130123202312220040")
INPUTS = {
    "child_name": "王小满",
    "child_sex": "female",
    "birth_date": "2023-12-22",
    "birth_order": "first",
    "householder": "mother",
    "division": TAYUANZHUANG,
    "address": "12号",
    "mother_id_number": LI_NUMBER,
    "father_id_number": WANG_NUMBER,
    "birth_certificate": "Q130123456",
}
MOTHER = Entered(LI_ID, "李芳", LI_NUMBER, TAYUANZHUANG, "12号")
FATHER = Entered(WANG_ID, "王小明", WANG_NUMBER, NAMESAKE, "3栋")


def test_a_birth_with_all_it_needs_is_taken() -> None:
    birth = birth_of(INPUTS, TODAY)
    assert (birth.is_male, birth.county, birth.in_mothers_household) == (False, "130123", True)
    assert parents_of(birth, MOTHER, FATHER) == (MOTHER, FATHER)


@pytest.mark.parametrize("field", INPUTS)
def test_a_birth_with_something_missing_is_refused_by_its_name(field: str) -> None:
    with pytest.raises(Invalid) as refused:
        birth_of({**INPUTS, field: " "}, TODAY)
    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize(
    ("field", "wrong", "code"),
    [
        ("child_name", "王1", "wrong_name"),
        ("child_sex", "boy", "wrong_child_sex"),
        ("birth_date", "2023-02-30", "wrong_birth_date"),
        ("birth_date", "2023-12-25", "wrong_birth_date"),  # tomorrow
        ("householder", "uncle", "wrong_householder"),
        ("division", "130123000000", "wrong_division"),
        ("division", "139999000000", "unknown_division"),
        ("mother_id_number", "11010519491231002", "length"),
        ("father_id_number", "130123198503120018", "check_digit"),
    ],
)
def test_what_cannot_be_is_refused(field: str, wrong: str, code: str) -> None:
    with pytest.raises((Invalid, NotValid)) as refused:
        birth_of({**INPUTS, field: wrong}, TODAY)
    assert refused.value.code == code  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("mother", "father", "changed", "code"),
    [
        (Unknown(), FATHER, {}, "mother_not_registered"),
        (MOTHER, Unknown(), {}, "father_not_registered"),
        (Dead(MOTHER, TODAY), FATHER, {}, "mother_dead"),
        (MOTHER, Dead(FATHER, TODAY), {}, "father_dead"),
        (MOTHER, FATHER, {"child_name": "赵小满"}, "surname_of_neither_parent"),
        (MOTHER, FATHER, {"householder": "father"}, "household_elsewhere"),
        (FATHER, MOTHER, {"mother_id_number": WANG_NUMBER, "father_id_number": LI_NUMBER}, "parents_mistaken"),
    ],
)
def test_parents_who_keep_a_child_out_are_named(
    mother: State, father: State, changed: dict[str, str], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        parents_of(birth_of({**INPUTS, **changed}, TODAY), mother, father)
    assert refused.value.code == code


def test_a_child_may_bear_its_mothers_surname_and_join_its_fathers_household() -> None:
    changed = {"child_name": "李小满", "householder": "father", "division": NAMESAKE}
    assert parents_of(birth_of({**INPUTS, **changed}, TODAY), MOTHER, FATHER) == (MOTHER, FATHER)


def test_a_newborn_is_entered_with_his_guardians() -> None:
    entry = EnterPerson(NEWBORN_ID, "王小满", NEWBORN, TAYUANZHUANG, "12号", NOW)
    registered, guardians = decided(PERSON, [], EnterNewborn(entry, (LI_ID, WANG_ID)))
    assert isinstance(registered, PersonRegistered)
    assert guardians == GuardiansNamed(person=NEWBORN_ID, guardians=(LI_ID, WANG_ID), named_at=NOW)
    with pytest.raises(Refused):
        decided(PERSON, [registered, guardians], EnterNewborn(entry, (LI_ID, WANG_ID)))


NEWBORN_ID = WANG_ENTERED.person
OF_A_CHILD = PersonRegistered(**{**WANG_ENTERED.model_dump(), "id_number": NEWBORN})


def test_other_guardians_are_named_and_the_same_again_are_no_news() -> None:
    named = decided(PERSON, [OF_A_CHILD], NameGuardians((LI_ID,), NOW))
    assert named == [GuardiansNamed(person=WANG_ID, guardians=(LI_ID,), named_at=NOW)]
    assert decided(PERSON, [OF_A_CHILD, *named], NameGuardians((LI_ID,), NOW)) == []


@pytest.mark.parametrize("guardians", [(), (WANG_ID,), (LI_ID, LI_ID)])
def test_guardians_are_others_and_different(guardians: tuple[object, ...]) -> None:
    with pytest.raises(Invalid):
        decided(PERSON, [OF_A_CHILD], NameGuardians(guardians, NOW))  # type: ignore[arg-type]


def test_someone_of_age_has_no_guardians() -> None:
    with pytest.raises(Refused, match="of_age"):
        decided(PERSON, [WANG_ENTERED], NameGuardians((LI_ID,), NOW))


CLAIMED = BirthClaimed(newborn=WANG_ID, claimed_at=NOW)


def test_a_birth_is_claimed_once_and_the_same_newborn_may_claim_again() -> None:
    assert decided(BIRTH_CLAIM, [], ClaimBirth(WANG_ID, NOW)) == [CLAIMED]
    assert decided(BIRTH_CLAIM, [CLAIMED], ClaimBirth(WANG_ID, NOW)) == []
    with pytest.raises(Refused, match="birth_already_entered"):
        decided(BIRTH_CLAIM, [CLAIMED], ClaimBirth(LI_ID, NOW))


def test_only_who_claimed_releases_and_then_another_may_claim() -> None:
    assert decided(BIRTH_CLAIM, [CLAIMED], ReleaseBirth(LI_ID, NOW)) == []
    released = decided(BIRTH_CLAIM, [CLAIMED], ReleaseBirth(WANG_ID, NOW))
    assert released == [BirthReleased(newborn=WANG_ID, released_at=NOW)]
    assert decided(BIRTH_CLAIM, [CLAIMED, *released], ClaimBirth(LI_ID, NOW))


def test_a_number_is_chosen_once_until_it_proves_to_be_anothers() -> None:
    chosen = NewbornNumberChosen(newborn=WANG_ID, id_number=NEWBORN, chosen_at=NOW)
    first = ChooseNumber(WANG_ID, NEWBORN, Unnumbered(), NOW)
    assert decided(NEWBORN_NUMBER, [], first) == [chosen]
    assert decided(NEWBORN_NUMBER, [chosen], ChooseNumber(WANG_ID, OTHER_NUMBER, Unnumbered(), NOW)) == []
    another = ChooseNumber(WANG_ID, OTHER_NUMBER, Numbered(NEWBORN), NOW)
    assert decided(NEWBORN_NUMBER, [chosen], another) == [chosen.model_copy(update={"id_number": OTHER_NUMBER})]
