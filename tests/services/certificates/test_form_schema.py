"""The form as JSON Schema, held against an implementation that is not ours: what it takes, the server takes."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators

from services.certificates.catalogue_files import catalogue
from services.certificates.domain import forms
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.form_schema import form_schema
from shared.contracts.errors import Invalid
from shared.forms.fields import (
    BodyField,
    ChoiceField,
    DateField,
    DivisionField,
    FormField,
    IdNumberField,
    MobileField,
    NameField,
    NumberField,
    TextField,
    TimeField,
)
from shared.standards import divisions
from shared.standards.drawable import first_undrawn
from shared.standards.errors import NotValid
from shared.standards.id_number import IdNumber
from shared.standards.name_spelling import spelt
from shared.standards.person_name import person_name
from tests.services.certificates.examples import (
    COUNTY,
    GIVEN,
    ID_NUMBER,
    KNOWN,
    OTHER_VILLAGE,
    RESIDENCE,
    TODAY,
    VILLAGE,
)

TYPES = [type for versions in catalogue().types.values() for type in versions]
Check = Callable[[Any, Any, Any, Any], Iterator[ValidationError]]


def check(is_right: Callable[[Any, Any], bool]) -> Check:
    def checked(_validator: Any, wanted: Any, value: Any, _schema: Any) -> Iterator[ValidationError]:
        if not is_right(wanted, value):
            yield ValidationError(f"not {wanted}")

    return checked


def is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def is_name(value: str) -> bool:
    try:
        return person_name(value) == value
    except NotValid:
        return False


def is_division(level: str, value: str) -> bool:
    found = divisions.find(value)
    return found is not None and found.level == level


def is_id_number(value: str) -> bool:
    try:
        IdNumber.parse(value, TODAY)
    except NotValid:
        return False
    return True


OUR_WORDS: Mapping[str, Check] = {
    "x-not-after": check(lambda _, value: not is_day(value) or date.fromisoformat(value) <= TODAY),
    "x-not-before": check(lambda source, value: not is_day(value) or value >= KNOWN[source]),
    "x-minimum": check(lambda least, value: not value.isascii() or not value.isdigit() or int(value) >= least),
    "x-maximum": check(lambda most, value: not value.isascii() or not value.isdigit() or int(value) <= most),
    "x-division": check(is_division),
    "x-id-number": check(lambda _, value: is_id_number(value)),
    "x-person-name": check(lambda _, value: not value or is_name(value)),
    "x-drawable": check(lambda _, value: first_undrawn(value) is None),
}
Validator = validators.extend(Draft202012Validator, OUR_WORDS)  # type: ignore[no-untyped-call]


def takes(schema: Mapping[str, Any], form: Mapping[str, str]) -> bool:
    return bool(Validator(schema, format_checker=FormatChecker()).is_valid(form))


def server_takes(type: CertificateType, form: Mapping[str, str]) -> bool:
    try:
        forms.complete(type, form, KNOWN, TODAY)
    except Invalid:
        return False
    return True


def values(field: FormField) -> st.SearchStrategy[str]:
    """What people write, right and wrong."""
    text = st.text(max_size=6).map(lambda one: unicodedata.normalize("NFC", one).strip())
    if not field.editable:
        assert field.prefill
        return st.sampled_from([KNOWN[field.prefill], "李四", "130123000001"])
    match field:
        case NameField():
            names = ["张小满", "艾力·买买提", "郎1月", "郎x", "郎", "O'NEILL", "𠮷小满", ""]
            return st.one_of(text.map(spelt), st.sampled_from(names))
        case TextField(max_length=length):
            return st.one_of(text, st.sampled_from(["号" * length, "号" * (length + 1), "3排\u202e12号", "a\x00b"]))
        case ChoiceField(choices=choices):
            return st.sampled_from([*(choice.code for choice in choices), "travel"])
        case DateField():
            days = st.dates(date(1980, 1, 1), date(2030, 1, 1)).map(str)
            return st.one_of(
                days, st.sampled_from(["2023-12-24", "2023-12-25", "2023-02-30", "20231224", "2023-W52-7"])
            )
        case TimeField():
            return st.sampled_from(["09:30", "23:59", "24:00", "9:30", "09:60", "0930"])
        case IdNumberField():
            return st.sampled_from([ID_NUMBER[:], "11010519491231002x", "130123198503120018", "1301231985", "张三"])
        case MobileField():
            return st.sampled_from(["13800138000", "12345", "23800138000"])
        case NumberField():
            return st.one_of(st.integers(-5, 10**9).map(str), st.sampled_from(["1", "40", "3000", "007", "1.5", "٣"]))
        case BodyField(bodies=bodies):
            return st.sampled_from([*(body.code for body in bodies), "54130123ME000124XW"])
        case DivisionField():
            return st.sampled_from([VILLAGE, OTHER_VILLAGE, COUNTY, "130123100999", "350300000000", "塔元庄村"])


def written(type: CertificateType) -> st.SearchStrategy[dict[str, str]]:
    known = st.fixed_dictionaries({}, optional={field.name: values(field) for field in type.fields})
    return st.one_of(known, known.map(lambda form: {**form, "colour": "red"}))


@pytest.mark.parametrize("type", TYPES, ids=lambda type: f"{type.code}-{type.version}")
def test_a_schema_is_one(type: CertificateType) -> None:
    for known in (None, KNOWN):
        Draft202012Validator.check_schema(form_schema(type, "en", known))


@pytest.mark.parametrize("type", TYPES, ids=lambda type: f"{type.code}-{type.version}")
def test_the_schema_takes_what_the_server_takes_and_nothing_else(type: CertificateType) -> None:
    schema = form_schema(type, "zh-CN", KNOWN)

    @settings(max_examples=150, deadline=None)
    @given(written(type))
    def holds(form: dict[str, str]) -> None:
        assert takes(schema, form) == server_takes(type, form)

    holds()


def test_both_take_a_form_that_is_right_and_a_tenants_only_with_his_address() -> None:
    schema = form_schema(RESIDENCE, "zh-CN", KNOWN)
    tenant = {**GIVEN, "village": OTHER_VILLAGE}
    for form, is_right in ((GIVEN, True), (tenant, False), ({**tenant, "residence_address": "南街1排8号"}, True)):
        assert (takes(schema, form), server_takes(RESIDENCE, form)) == (is_right, is_right)


def test_the_open_schema_says_nothing_of_anybody_and_asks_for_nothing_that_is_known() -> None:
    schema = form_schema(RESIDENCE, "en")
    assert schema["required"] == ["residence_since", "purpose"]
    name = schema["properties"]["name"]
    assert (name["title"], name["readOnly"], name["x-prefill"]) == ("Applicant's name", True, "person.name")
    assert "const" not in name
    assert [paper["kind"] for paper in schema["x-evidence"]] == ["lease"]
    assert form_schema(RESIDENCE, "zh-CN")["properties"]["purpose"]["x-labels"]["other"]["zh"] == "其他"
