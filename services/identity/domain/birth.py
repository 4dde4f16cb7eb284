"""A birth as a case tells it: the inputs of `enter_birth`, read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, cast
from uuid import UUID

from services.identity.domain.entry_fields import household_division, line, wrong_field
from services.identity.domain.register_rules import Parent, RegisterRules, Way
from shared.contracts.errors import Invalid
from shared.standards.id_number import IdNumber
from shared.standards.person_name import TO_BE_REGISTERED, person_name

WEDLOCK: Final = "wedlock"  # the way of requests from before there were several
COUNTY = 6  # digits of a division that its county has


@dataclass(frozen=True, slots=True)
class Named:
    """A parent as the request names them: by ID number, perhaps an earlier one; by person id where it knows it."""

    number: IdNumber
    person: UUID | None = None


@dataclass(frozen=True, slots=True)
class Birth:
    """`is_first_version`: the request names no way; its division and address are as somebody typed them."""

    name: str
    is_male: bool
    born_on: date
    order: str  # within the delivery: 'first'
    way: Way
    householder: Parent
    division: str | None  # 12 digits; None: as the register has it
    address: str | None
    mother: Named
    father: Named | None
    certificate: str  # identifier of the birth medical certificate
    by_custom: bool = False  # a minority's naming custom was confirmed
    parentage_proof: str | None = None  # number of a parentage test (亲子鉴定)
    handed_in_on: date | None = None
    died_on: date | None = None  # the child, before it was registered
    is_first_version: bool = False


def birth_of(inputs: Mapping[str, str], today: date, rules: RegisterRules) -> Birth:
    """Raises Invalid and NotValid, and Refused for a stillbirth."""
    if _given(inputs, "stillbirth", "no") == "yes":
        raise rules.go_elsewhere("stillbirth")
    is_first_version = "way" not in inputs
    way = cast(Way, _one_of(inputs, "way", *rules.birth.ways, otherwise=WEDLOCK))
    born_on = _day(inputs, "birth_date", today)
    return Birth(
        name=person_name(_given(inputs, "child_name"), "child_name", TO_BE_REGISTERED),
        is_male=_one_of(inputs, "child_sex", "female", "male") == "male",
        born_on=born_on,
        order=_one_of(inputs, "birth_order", *rules.orders),
        way=way,
        householder=cast(Parent, _one_of(inputs, "householder", *rules.birth.householders)),
        division=_division(inputs, is_optional=not is_first_version),
        address=line("address", _given(inputs, "address")) if is_first_version else None,
        mother=_named(inputs, "mother", today),
        father=_father(inputs, way, today),
        certificate=line("birth_certificate", _given(inputs, "birth_certificate")),
        by_custom=_one_of(inputs, "naming", "surname", "custom", otherwise="surname") == "custom",
        parentage_proof=_proof(inputs),
        handed_in_on=_day(inputs, "handed_in_on", today) if inputs.get("handed_in_on", "").strip() else None,
        died_on=_death(inputs, born_on, today),
        is_first_version=is_first_version,
    )


def _division(inputs: Mapping[str, str], *, is_optional: bool) -> str | None:
    text = _given(inputs, "division", "" if is_optional else None)
    return household_division(text) if text else None


def _named(inputs: Mapping[str, str], who: str, today: date) -> Named:
    number = IdNumber.parse(_given(inputs, f"{who}_id_number"), today)
    return Named(number, _person(inputs, who))


def _father(inputs: Mapping[str, str], way: Way, today: date) -> Named | None:
    if way != "mother_alone":
        return _named(inputs, "father", today)
    if inputs.get("father_id_number", "").strip():
        raise wrong_field(
            "father_id_number",
            "选择“随母登记（不登记父亲）”的，不填写父亲；父亲承认孩子的，请改选相应方式。",
            "A child that is registered by its mother alone names no father; if the father acknowledges it, please "
            "choose that way.",
        )
    return None


def _person(inputs: Mapping[str, str], who: str) -> UUID | None:
    text = inputs.get(who, "").strip()
    try:
        return UUID(text) if text else None
    except ValueError:
        raise wrong_field(
            who, "人员编号不正确，请核对后重新提交。", "This is no person's id; please check and submit again."
        ) from None


def _proof(inputs: Mapping[str, str]) -> str | None:
    text = inputs.get("parentage_proof", "").strip()
    return line("parentage_proof", text) if text else None


def _death(inputs: Mapping[str, str], born_on: date, today: date) -> date | None:
    if not inputs.get("died_on", "").strip():
        return None
    died_on = _day(inputs, "died_on", today)
    if died_on < born_on:
        raise wrong_field(
            "died_on",
            "死亡日期不能早于出生日期，请对照死亡医学证明核对。",
            "The child did not die before its birth; please compare the day with the death certificate.",
        )
    return died_on


def _given(inputs: Mapping[str, str], field: str, otherwise: str | None = None) -> str:
    text = inputs.get(field, "").strip()
    if text:
        return text
    if otherwise is None:
        raise wrong_field(
            field, "申请中缺少此项，请补充后重新提交。", "This is missing; please add it and submit again."
        )
    return otherwise


def _one_of(inputs: Mapping[str, str], field: str, *choices: str, otherwise: str | None = None) -> str:
    if (choice := _given(inputs, field, otherwise)) not in choices:
        raise wrong_field(field, "此项的选择不正确，请重新选择。", "There is no such choice; please choose again.")
    return choice


def _day(inputs: Mapping[str, str], field: str, today: date) -> date:
    try:
        day = date.fromisoformat(_given(inputs, field))
    except ValueError:
        raise _wrong_day(field) from None
    if day > today:
        raise _wrong_day(field)
    return day


def _wrong_day(field: str) -> Invalid:
    if field == "birth_date":
        return wrong_field(
            field,
            "出生日期应为今天或以前的真实日期，请对照出生医学证明核对。",
            "The day of birth is a real one, today or before; please compare it with the birth certificate.",
        )
    return wrong_field(
        field, "日期应为今天或以前的真实日期，请核对。", "This is a real day, today or before; please check it."
    )
