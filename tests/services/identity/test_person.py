from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.identity.domain.person import PERSON, CorrectPerson, Entered, MovePerson
from shared.contracts.errors import Invalid, NotFound, Refused
from shared.contracts.identity import PersonCorrected, PersonMoved
from shared.standards.errors import NotValid
from shared.standards.id_number import IdNumber
from tests.services.identity.examples import (
    ENTER_WANG,
    LI_NUMBER,
    NAMESAKE,
    NOW,
    TAYUANZHUANG,
    WANG_ENTERED,
    WANG_ID,
    WANG_NUMBER,
    ZHENGDING,
    decided,
    state,
)

CORRECT = CorrectPerson("王晓明", WANG_NUMBER, "录入错误", edition=1, now=NOW)
BORN_ON_THE_25TH = IdNumber("130123202312250012")
MOVE = MovePerson(NAMESAKE, "3栋", NOW)


def test_a_person_is_entered_as_told() -> None:
    assert decided(PERSON, [], ENTER_WANG) == [WANG_ENTERED]


def test_a_person_is_entered_on_the_date_it_is_in_china() -> None:
    late = datetime(2023, 12, 24, 16, 0, tzinfo=UTC)  # midnight in Shanghai

    (entered,) = decided(PERSON, [], replace(ENTER_WANG, now=late))

    assert str(entered.model_dump()["registered_on"]) == "2023-12-25"


def test_a_person_is_not_entered_twice() -> None:
    with pytest.raises(Refused) as refusal:
        decided(PERSON, [WANG_ENTERED], ENTER_WANG)
    assert refusal.value.code == "already_in_register"


def test_nobody_is_entered_before_he_is_born() -> None:
    born_on_the_25th = replace(ENTER_WANG, id_number=BORN_ON_THE_25TH)

    with pytest.raises(NotValid) as refusal:
        decided(PERSON, [], born_on_the_25th)
    assert refusal.value.code == "future_date"


def test_a_child_is_entered_on_the_day_it_is_born_by_the_clock_of_china() -> None:
    born_on_the_25th = replace(ENTER_WANG, id_number=BORN_ON_THE_25TH, now=datetime(2023, 12, 24, 16, 0, tzinfo=UTC))

    assert decided(PERSON, [], born_on_the_25th)


def test_an_unknown_division_is_refused() -> None:
    with pytest.raises(NotValid) as refusal:
        decided(PERSON, [], replace(ENTER_WANG, division="990000000000"))
    assert refusal.value.code == "unknown_division"


def test_a_household_is_in_a_village_not_in_its_county() -> None:
    with pytest.raises(Invalid) as refusal:
        decided(PERSON, [], replace(ENTER_WANG, division=ZHENGDING))
    assert list(refusal.value.fields) == ["division"]


@pytest.mark.parametrize("name", ["", "王", "王" * 51, "王3明", "王\n小明<", "王;小明"])
def test_what_cannot_be_a_name_is_refused(name: str) -> None:
    with pytest.raises(NotValid) as refusal:
        decided(PERSON, [], replace(ENTER_WANG, name=name))
    assert (refusal.value.code, refusal.value.field) == ("wrong_name", "name")


@pytest.mark.parametrize(
    ("written", "kept"),
    [(" 王小明 ", "王小明"), ("买买提•吐尔逊", "买买提·吐尔逊"), ("𠮷田", "𠮷田"), ("Anna  Maria", "Anna Maria")],
)
def test_a_name_is_kept_with_one_form_of_interpunct_and_single_spaces(written: str, kept: str) -> None:
    (entered,) = decided(PERSON, [], replace(ENTER_WANG, name=written))

    assert entered.model_dump()["name"] == kept


@pytest.mark.parametrize("address", ["", "  ", "号" * 201, "12\x00号"])
def test_what_cannot_be_an_address_is_refused(address: str) -> None:
    with pytest.raises(Invalid) as refusal:
        decided(PERSON, [], replace(ENTER_WANG, address=address))
    assert list(refusal.value.fields) == ["address"]


def test_a_correction_tells_name_and_number_whole() -> None:
    assert decided(PERSON, [WANG_ENTERED], CORRECT) == [
        PersonCorrected(person=WANG_ID, name="王晓明", id_number=WANG_NUMBER, reason="录入错误", corrected_at=NOW)
    ]


def test_a_correction_that_corrects_nothing_says_nothing() -> None:
    assert decided(PERSON, [WANG_ENTERED], replace(CORRECT, name="王小明")) == []


def test_a_correction_needs_a_reason() -> None:
    with pytest.raises(Invalid) as refusal:
        decided(PERSON, [WANG_ENTERED], replace(CORRECT, reason=" "))
    assert list(refusal.value.fields) == ["reason"]


def test_a_correction_of_what_someone_else_has_just_corrected_is_refused() -> None:
    corrected = decided(PERSON, [WANG_ENTERED], CORRECT)

    with pytest.raises(Refused) as refusal:
        decided(PERSON, [WANG_ENTERED, *corrected], replace(CORRECT, name="王笑明"))
    assert refusal.value.code == "entry_changed"


def test_a_correction_makes_a_new_edition_and_a_move_does_not() -> None:
    moved = decided(PERSON, [WANG_ENTERED], MOVE)
    corrected = decided(PERSON, [WANG_ENTERED, *moved], replace(CORRECT, id_number=LI_NUMBER))
    entry = state(PERSON, WANG_ENTERED, *moved, *corrected)

    assert isinstance(entry, Entered)
    assert (entry.id_number, entry.edition, entry.division) == (LI_NUMBER, 2, NAMESAKE)


def test_a_household_moves() -> None:
    (moved,) = decided(PERSON, [WANG_ENTERED], MOVE)

    assert isinstance(moved, PersonMoved)
    assert (moved.from_division, moved.division, moved.address) == (TAYUANZHUANG, NAMESAKE, "3栋")


def test_a_household_may_move_within_its_village() -> None:
    (moved,) = decided(PERSON, [WANG_ENTERED], replace(MOVE, division=TAYUANZHUANG))

    assert isinstance(moved, PersonMoved)
    assert moved.from_division == moved.division == TAYUANZHUANG


def test_moving_to_where_one_is_says_nothing() -> None:
    assert decided(PERSON, [WANG_ENTERED], MovePerson(TAYUANZHUANG, "12号", NOW)) == []


@pytest.mark.parametrize("command", [CORRECT, MOVE])
def test_nobody_cannot_be_corrected_or_moved(command: CorrectPerson | MovePerson) -> None:
    with pytest.raises(NotFound):
        decided(PERSON, [], command)


def test_moving_does_not_spoil_a_correction_under_way() -> None:
    moved = decided(PERSON, [WANG_ENTERED], MOVE)

    assert decided(PERSON, [WANG_ENTERED, *moved], CORRECT)
