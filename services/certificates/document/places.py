"""The places of a paper: how much each holds, so that what is longer is refused when it is typed.

A template that draws a form has its places beside it (`templates/<template>.yaml`): rows of 24 columns, each place with
its label. Every other template draws a table, one line of the certificate a row.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.content import STRUCK_OUT
from services.certificates.domain.definition_problem import Problem
from shared.contracts.errors import Misconfigured
from shared.contracts.plain_yaml import read_yaml
from shared.forms.fields import (
    BodyField,
    ChoiceField,
    DateField,
    DivisionField,
    FieldName,
    FormField,
    IdNumberField,
    MobileField,
    NameField,
    NumberField,
    TextField,
    TimeField,
)
from shared.standards.person_name import LONGEST
from shared.standards.text import Text

TEMPLATES = Path(__file__).with_name("templates")
COLUMNS = 24
FORM_WIDTH, INSET, CHARACTER = 162.0, 3.2, 3.53  # millimetres: all columns, both sides of a cell, one Han character
TABLE_LINE, TABLE_LINES = 27, 12  # characters a line of the table's wide column, and lines at most
OF_THE_REGISTER = MappingProxyType({"person.name": 50, "person.id_number": 10})  # digits are half as wide
COMPUTED = 6  # characters of what is computed: an age, 出生


class Place(BaseModel):
    """Takes the values of its fields, one after the other; or what it always says.

    `where`: it says so only where that field is filled, and is struck out where that one is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    label_columns: int = Field(ge=1, le=COLUMNS)
    columns: int = Field(ge=1, le=COLUMNS)
    lines: int = Field(default=1, ge=1, le=12)
    fields: tuple[FieldName, ...] = ()
    says: str = ""
    where: FieldName | None = None

    @property
    def holds(self) -> int:
        """Han characters; Latin letters are narrower."""
        return int((self.columns * FORM_WIDTH / COLUMNS - INSET) / CHARACTER) * self.lines

    def filled(self, values: Mapping[str, str]) -> str:
        if self.where:
            there = values.get(self.where, "")
            return there if there in ("", STRUCK_OUT) else self.says
        said = [value for name in self.fields if (value := values.get(name))]
        return STRUCK_OUT if said and set(said) == {STRUCK_OUT} else "".join(said)


class Section(BaseModel):
    """A heading over the rows that follow."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    section: str


class Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: tuple[Section | tuple[Place, ...], ...] = Field(min_length=1)

    @property
    def places(self) -> Iterator[Place]:
        for row in self.rows:
            if not isinstance(row, Section):
                yield from row

    def drawn(self, values: Mapping[str, str]) -> list[Any]:
        """For the template: a heading, or a list of cells."""
        return [
            row.section
            if isinstance(row, Section)
            else [
                {"label": one.label, "label_columns": one.label_columns, "columns": one.columns, "value": value}
                for one in row
                for value in (one.filled(values),)
            ]
            for row in self.rows
        ]

    @model_validator(mode="after")
    def _fills_the_rows(self) -> Self:
        for number, row in enumerate(self.rows, 1):
            if not isinstance(row, Section) and sum(one.label_columns + one.columns for one in row) != COLUMNS:
                raise ValueError(f"row {number} does not fill {COLUMNS} columns")
        return self


@cache
def form_of(template: str) -> Form | None:
    """None: it draws a table. Raises Misconfigured naming the file."""
    file = TEMPLATES / f"{template}.yaml"
    if not file.is_file():
        return None
    try:
        return Form.model_validate(read_yaml(file.read_text("utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise Misconfigured(f"{file.name}: {error}") from None


@dataclass(frozen=True, slots=True)
class _Longest:
    """How many Han characters a certified field may come to."""

    type: CertificateType

    def of(self, name: str) -> int:
        if one := next((one for one in self.type.computed if one.name == name), None):
            taken = (one.written, one.of if one.rule == "same" else None)
            return max([COMPUTED, *(self.of(field) for field in taken if field)])
        field = self.type.field(name)
        return _longest(field) if field else 0


def _longest(field: FormField) -> int:
    if field.prefill and field.prefill in OF_THE_REGISTER:
        return OF_THE_REGISTER[field.prefill]
    match field:
        case TextField(max_length=length):
            return length
        case NameField():
            return LONGEST
        case ChoiceField(choices=choices):
            return max(len(choice.label.zh) for choice in choices)
        case DateField():
            return len("2023年12月31日")
        case TimeField():
            return len("09时30分")
        case NumberField(maximum=most, unit=unit):
            return len(str(most)) + (len(unit.zh) if unit else 0)
        case IdNumberField() | MobileField():
            return 10  # 18 digits, which are half as wide
        case DivisionField():
            return 50
        case BodyField(bodies=bodies):
            return max((len(body.name) for body in bodies), default=0)


def problems(type: CertificateType) -> Iterator[Problem]:
    """What of a type's fields its paper has no place for, or too little."""
    if not (TEMPLATES / f"{type.template}.typ").is_file():
        yield Problem("template", Text(f"没有版式{type.template}。", f"there is no {type.template}"))
        return
    form = form_of(type.template)
    longest = _Longest(type)
    if form is None:
        for name in type.certifies:
            if (needs := longest.of(name)) > TABLE_LINE * TABLE_LINES:
                yield _too_long(name, needs, TABLE_LINE * TABLE_LINES)
        return
    placed = {name for place in form.places for name in place.fields}
    for name in (type.holder_name, type.holder_code, *type.certifies):
        if name not in placed:
            yield Problem(f"fields.{name}", Text("证照上没有此项的位置。", "its paper has no place for it"))
    for place in form.places:
        needs = sum(longest.of(name) for name in place.fields)
        if needs > place.holds:
            yield _too_long(place.fields[0], needs, place.holds)


def _too_long(name: str, needs: int, holds: int) -> Problem:
    said = Text(
        f"最长{needs}个字，证照上的位置只容{holds}个字。",
        f"it may have {needs} characters, its place on the paper {holds}",
    )
    return Problem(f"fields.{name}", said)


def require_room(types: Sequence[CertificateType], file: str) -> None:
    """Raises Misconfigured naming file, entry and field."""
    for number, type in enumerate(types, 1):
        for problem in problems(type):
            raise Misconfigured(f"{file}: entry {number}, {problem.place}: {problem.text.en}")
