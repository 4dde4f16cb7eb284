"""A person's place in their household (户号、户主、与户主关系). What is not known stays empty."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from services.identity.domain.entry_fields import line, wrong_field
from shared.contracts.errors import Invalid
from shared.contracts.event import Event
from shared.contracts.identity import HouseholdRecorded
from shared.standards.person_name import person_name

HOUSEHOLDER: Final = "户主"
LONGEST_NUMBER: Final = 20
LONGEST_RELATION: Final = 10


@dataclass(frozen=True, slots=True)
class HouseholdPlace:
    """`householder`: a person of the register; `householder_name`: where only the name is known."""

    number: str | None = None
    householder: UUID | None = None
    householder_name: str | None = None
    relation: str | None = None


NOT_KNOWN: Final = HouseholdPlace()


def checked(place: HouseholdPlace, person: UUID) -> HouseholdPlace:
    """As the register writes it; a householder is their own. Raises Invalid."""
    place = HouseholdPlace(
        number=_number(place.number) if place.number else None,
        householder=place.householder,
        householder_name=person_name(place.householder_name, "householder_name") if place.householder_name else None,
        relation=_relation(place.relation) if place.relation else None,
    )
    if place.relation == HOUSEHOLDER:
        if place.householder not in (None, person):
            raise _not_both()
        return replace(place, householder=person, householder_name=None)
    if place.householder == person:
        raise _not_both()
    return place if place.householder is None else replace(place, householder_name=None)


def recorded(person: UUID, before: HouseholdPlace, place: HouseholdPlace, now: datetime) -> Sequence[Event]:
    """Nothing when it is known as it is. Raises Invalid."""
    place = checked(place, person)
    if place == before:
        return []
    return [
        HouseholdRecorded(
            person=person,
            household_number=place.number,
            householder=place.householder,
            householder_name=place.householder_name,
            relation=place.relation,
            recorded_at=now,
        )
    ]


def place_of(event: HouseholdRecorded) -> HouseholdPlace:
    return HouseholdPlace(event.household_number, event.householder, event.householder_name, event.relation)


def _number(text: str) -> str:
    number = text.strip()
    if not (number.isascii() and number.isalnum() and len(number) <= LONGEST_NUMBER):
        raise wrong_field(
            "household_number",
            f"户号由字母和数字组成，不超过{LONGEST_NUMBER}位，请对照户口簿填写；不清楚的可以不填。",
            f"A household number is at most {LONGEST_NUMBER} letters and digits, as in the household register book; "
            "leave it out if you do not know it.",
        )
    return number


def _relation(text: str) -> str:
    relation = line("relation", text)
    if len(relation) > LONGEST_RELATION:
        raise wrong_field(
            "relation",
            f"与户主关系不超过{LONGEST_RELATION}个字，如户主、妻、子、孙女。",
            f"The relation to the householder is at most {LONGEST_RELATION} characters, such as 户主, 妻, 子, 孙女.",
        )
    return relation


def _not_both() -> Invalid:
    return wrong_field(
        "householder",
        "户主的与户主关系是“户主”，其他人不是；请核对户主和与户主关系。",
        "The householder's relation is 户主 and nobody else's is; please check householder and relation.",
    )
