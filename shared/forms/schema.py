"""A form as JSON Schema (2020-12): what the server enforces, for whoever draws a form or fills one by program.

Values are text in NFC without white space around; the server cuts that off, and takes an empty one as not given. What
JSON Schema has no word for is said by these:

    x-titles, x-hints      {zh, en}
    x-labels               of an enum: code -> {zh, en}
    x-prefill              what the server fills the field from; with `readOnly` nobody else may
    x-follows              the prefill holds only while that field keeps its own
    x-not-after            'today', or for a time of day 'now', in China
    x-day                  the field with the day of a time
    x-not-before           a source, of whose day or after it must be
    x-minimum, x-maximum, x-unit   of a whole number written as text
    x-id-number            a citizen's ID number, whose check digit and birth date are looked at
    x-division             the level of a division that is in the list
    x-person-name          a name as the household register writes it
    x-drawable             every character is one that papers can show
"""

from collections.abc import Sequence
from typing import Any

from shared.forms.fields import (
    BodyField,
    ChoiceField,
    DateField,
    DivisionField,
    FormField,
    IdNumberField,
    Known,
    MobileField,
    NameField,
    NumberField,
    TextField,
    TimeField,
)
from shared.forms.filling import prefilled
from shared.standards.characters import unwanted_class
from shared.standards.person_name import LONGEST, SHORTEST
from shared.standards.text import Language, Text

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DIVISION = {"village": "^[0-9]{9}(?!000)[0-9]{3}$", "county": "^[0-9]{4}(?!00)[0-9]{2}000000$"}

Schema = dict[str, Any]


def object_schema(fields: Sequence[FormField], language: Language, known: Known | None = None) -> Schema:
    """`known`: of the applicant; then what is filled already is not required, and what he may not change is `const`."""
    filled = prefilled(fields, known) if known is not None else {}
    schema: Schema = {
        "type": "object",
        "properties": {field.name: _property(field, filled.get(field.name), language) for field in fields},
        "required": [
            field.name
            for field in fields
            if field.required and field.name not in filled and (known is not None or field.prefill is None)
        ],
        "additionalProperties": False,
    }
    if conditions := [_unless_followed(field, filled) for field in fields if field.required and field.follows]:
        schema["allOf"] = conditions
    return schema


def said(text: Text, language: Language) -> Schema:
    return {"title": text.to(language), "x-titles": text._asdict()}


def _property(field: FormField, value: str | None, language: Language) -> Schema:
    schema: Schema = {**said(field.label, language), "type": "string", **_kind(field)}
    if field.hint:
        schema |= {"description": field.hint.to(language), "x-hints": field.hint._asdict()}
    if field.prefill:
        schema["x-prefill"] = field.prefill
    if field.follows:
        schema["x-follows"] = field.follows
    if not field.editable:
        schema["readOnly"] = True
    if value is not None:
        schema |= {"default": value} if field.editable else {"const": value}
    return schema


def _kind(field: FormField) -> Schema:
    least = 1 if field.required else 0
    match field:
        case TextField(max_length=length, min_length=shortest, digits=digits):
            pattern = f"^{_whole(field.required, shortest, digits)}[^{unwanted_class()}]*$"
            return {"minLength": least, "maxLength": length, "pattern": pattern, "x-drawable": True}
        case NameField():
            return {"minLength": least and SHORTEST, "maxLength": LONGEST, "x-person-name": True, "x-drawable": True}
        case ChoiceField(choices=choices):
            return {
                "enum": [choice.code for choice in choices],
                "x-labels": {choice.code: choice.label._asdict() for choice in choices},
            }
        case DateField():
            bounds = {} if field.in_future else {"x-not-after": "today"}
            return {"format": "date", **bounds, **({"x-not-before": field.not_before} if field.not_before else {})}
        case TimeField():
            not_yet = {} if field.in_future or field.day is None else {"x-not-after": "now", "x-day": field.day}
            return {"pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", **not_yet}
        case IdNumberField():
            return {"pattern": "^[1-9][0-9]{16}[0-9Xx]$", "x-id-number": True}
        case MobileField():
            return {"pattern": "^1[3-9][0-9]{9}$"}
        case NumberField(minimum=minimum, maximum=maximum):
            unit = {"x-unit": field.unit._asdict()} if field.unit else {}
            return {"pattern": "^(0|[1-9][0-9]{0,9})$", "x-minimum": minimum, "x-maximum": maximum, **unit}
        case DivisionField(type=level):
            return {"pattern": DIVISION[level], "x-division": level}
        case BodyField(bodies=bodies):
            return {
                "enum": [body.code for body in bodies],
                "x-labels": {body.code: {"zh": body.name, "en": body.name} for body in bodies},
            }


def _whole(required: bool, shortest: int, digits: int) -> str:
    """What of a pattern says that a text is long enough and has its digits; one that may be left out may be empty."""
    if (shortest, digits) == (1, 0):
        return ""
    whole = f"(?=.{{{shortest}}})(?=(?:[^0-9]*[0-9]){{{digits}}})"
    return whole if required else f"(?:$|{whole})"


def _unless_followed(field: FormField, filled: dict[str, str]) -> Schema:
    """Its prefill is gone once the field it follows has another value than its own."""
    assert field.follows
    followed = {"const": filled[field.follows]} if field.follows in filled else False
    return {"if": {"properties": {field.follows: followed}}, "else": {"required": [field.name]}}
