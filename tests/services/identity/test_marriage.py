"""Marriages: pure."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from services.identity.domain.events import SpouseClaimed, SpouseReleased
from services.identity.domain.marriage import MARRIAGE, EndMarriage, RecordMarriage
from services.identity.domain.person import Entered
from services.identity.domain.spouse_claim import SPOUSE_CLAIM, ClaimSpouse, ReleaseSpouse
from shared.contracts.errors import Invalid, NotFound, Refused
from shared.contracts.identity import MarriageEnded, MarriageRecorded
from shared.standards.check_digits import mod_11_2
from shared.standards.id_number import IdNumber
from tests.services.identity.examples import LI_ID, NOW, TAYUANZHUANG, WANG_ID, WANG_NUMBER, decided

MARRIED_ON = date(2021, 5, 20)
MARRIAGE_ID = UUID("00000000-0000-8000-8000-0000000000d1")
OTHER = UUID("00000000-0000-8000-8000-0000000000d2")
LICENCE = "J130123-2021-000520"


def born(day: str, *, male: bool) -> IdNumber:
    body = f"130123{day}00{1 if male else 2}"
    return IdNumber(body + mod_11_2(body))


WIFE_NUMBER = born("19920218", male=False)


def recording(
    husband: IdNumber = WANG_NUMBER,
    wife: IdNumber = WIFE_NUMBER,
    licence: str = LICENCE,
    married_on: date = MARRIED_ON,
) -> RecordMarriage:
    return RecordMarriage(
        MARRIAGE_ID,
        Entered(WANG_ID, "王小明", husband, TAYUANZHUANG, "12号"),
        Entered(LI_ID, "季试用", wife, TAYUANZHUANG, "12号"),
        licence,
        married_on,
        NOW,
    )


RECORDED = MarriageRecorded(
    marriage=MARRIAGE_ID, persons=(WANG_ID, LI_ID), licence=LICENCE, married_on=MARRIED_ON, recorded_at=NOW
)
ENDED = MarriageEnded(
    marriage=MARRIAGE_ID, persons=(WANG_ID, LI_ID), reason="divorce", ended_on=date(2023, 12, 1), recorded_at=NOW
)


def test_a_marriage_is_recorded_with_both() -> None:
    assert decided(MARRIAGE, [], recording()) == [RECORDED]


def test_of_age_is_who_is_22_or_20_on_that_very_day() -> None:
    just = recording(born("19990520", male=True), born("20010520", male=False))
    assert decided(MARRIAGE, [], just)


@pytest.mark.parametrize(
    ("husband", "wife"),
    [
        (born("19990521", male=True), WIFE_NUMBER),
        (WANG_NUMBER, born("20010521", male=False)),
    ],
)
def test_who_is_a_day_too_young_does_not_marry(husband: IdNumber, wife: IdNumber) -> None:
    with pytest.raises(Refused, match="too_young"):
        decided(MARRIAGE, [], recording(husband, wife))


def test_husband_and_wife_are_not_mixed_up() -> None:
    with pytest.raises(Refused, match="spouses_mistaken"):
        decided(MARRIAGE, [], recording(WIFE_NUMBER, WANG_NUMBER))


@pytest.mark.parametrize("licence", ["", "J130123-2021-00052", "X130123-2021-000520"])
def test_a_licence_that_is_none_is_refused(licence: str) -> None:
    with pytest.raises(Invalid, match="wrong_licence"):
        decided(MARRIAGE, [], recording(licence=licence))


def test_a_marriage_of_tomorrow_is_refused() -> None:
    with pytest.raises(Invalid, match="wrong_married_on"):
        decided(MARRIAGE, [], recording(married_on=NOW.date() + timedelta(days=1)))


def test_a_licence_is_good_for_one_marriage() -> None:
    with pytest.raises(Refused, match="licence_used"):
        decided(MARRIAGE, [RECORDED, ENDED], recording())


def test_a_divorce_ends_it_and_the_same_again_is_no_news() -> None:
    divorce = EndMarriage("divorce", date(2023, 12, 1), NOW)
    assert decided(MARRIAGE, [RECORDED], divorce) == [ENDED]
    assert decided(MARRIAGE, [RECORDED, ENDED], divorce) == []
    with pytest.raises(Refused, match="marriage_over"):
        decided(MARRIAGE, [RECORDED, ENDED], EndMarriage("death", date(2023, 12, 2), NOW))


@pytest.mark.parametrize("day", [MARRIED_ON - timedelta(days=1), NOW.date() + timedelta(days=1)])
def test_a_divorce_lies_between_marriage_and_today(day: date) -> None:
    with pytest.raises(Invalid, match="wrong_ended_on"):
        decided(MARRIAGE, [RECORDED], EndMarriage("divorce", day, NOW))


def test_what_nobody_recorded_does_not_end() -> None:
    with pytest.raises(NotFound):
        decided(MARRIAGE, [], EndMarriage("divorce", MARRIED_ON, NOW))


def test_a_person_is_claimed_for_one_marriage_until_released() -> None:
    claimed = SpouseClaimed(marriage=MARRIAGE_ID, claimed_at=NOW)
    assert decided(SPOUSE_CLAIM, [], ClaimSpouse(MARRIAGE_ID, NOW)) == [claimed]
    assert decided(SPOUSE_CLAIM, [claimed], ClaimSpouse(MARRIAGE_ID, NOW)) == []
    with pytest.raises(Refused, match="already_married"):
        decided(SPOUSE_CLAIM, [claimed], ClaimSpouse(OTHER, NOW))
    assert decided(SPOUSE_CLAIM, [claimed], ReleaseSpouse(OTHER, NOW)) == []
    released = SpouseReleased(marriage=MARRIAGE_ID, released_at=NOW)
    assert decided(SPOUSE_CLAIM, [claimed], ReleaseSpouse(MARRIAGE_ID, NOW)) == [released]
    assert decided(SPOUSE_CLAIM, [claimed, released], ClaimSpouse(OTHER, NOW))
