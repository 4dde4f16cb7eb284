"""What a certificate says beside what was written: computed from it, or struck out where there is nothing to say."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.forms.fields import FieldName
from shared.standards.age import years_old
from shared.standards.id_number import IdNumber
from shared.standards.text import Text

STRUCK_OUT = "——"
"""Stands where a paper has a place and there is nothing to say, so that nobody writes into it later."""


class Computed(BaseModel):
    """What follows from other fields: not said while they are not known.

    `age`: how old whoever bears the ID number `of` was on `day`. `by_birth`: 出生 (entered at birth), where `day` lies
    within a year of the birth on `of`. `same`: as `of`. What was written into `written` goes first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: FieldName
    label: Text
    rule: Literal["age", "by_birth", "same"]
    of: FieldName
    day: FieldName | None = None
    written: FieldName | None = None

    def value(self, form: Mapping[str, str]) -> str | None:
        if self.written and (said := form.get(self.written)):
            return said
        of, day = form.get(self.of), form.get(self.day) if self.day else None
        if self.rule == "same" or not of:
            return of
        if not day:
            return None
        then = date.fromisoformat(day)
        if self.rule == "age":
            return f"{years_old(IdNumber(of).birth_date, then)}周岁"
        return "出生" if years_old(date.fromisoformat(of), then) == 0 else None


class Struck(BaseModel):
    """Places that are struck out unless a field is filled, such as all of a father's where none is named."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unless: FieldName
    fields: tuple[FieldName, ...] = Field(min_length=1)


class Abroad(BaseModel):
    """In which cases a paper goes abroad, and so bears English beside Chinese: a field has one of these values."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: FieldName
    values: tuple[str, ...] = Field(min_length=1)


class Numbering(BaseModel):
    """The issuing body's own numbers: a letter that names the series, and nine digits.

    The first two digits are the province's. No two certificates of a type bear the same one, whoever issues them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    letter: Annotated[str, StringConstraints(pattern=r"^[A-Z]$")]
    label: Text  # as the paper calls the number


def struck_out(struck: tuple[Struck, ...], form: Mapping[str, str]) -> Iterator[str]:
    for one in struck:
        if not form.get(one.unless):
            yield from one.fields
