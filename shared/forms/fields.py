"""The kinds of field a form may have, and how each reads what a person wrote."""

import re
import unicodedata
from abc import abstractmethod
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.standards import divisions
from shared.standards.day import read_day
from shared.standards.division_names import full_name
from shared.standards.drawable import require_drawable
from shared.standards.errors import NotValid
from shared.standards.id_number import IdNumber
from shared.standards.line import one_line, require_wanted
from shared.standards.name_spelling import spelt
from shared.standards.person_name import AS_ON_THE_CARD, TO_BE_REGISTERED, person_name, require_letters
from shared.standards.phone import MobileNumber
from shared.standards.shanghai import day_in_shanghai, time_in_shanghai
from shared.standards.text import Text

FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*$")]
Source = Annotated[str, StringConstraints(pattern=r"^[a-z]+\.[a-z_]+$")]
"""Where a prefill comes from: whose, and what of it: 'person.name'."""
Known = Mapping[Source, str]
"""What other departments' events told of those whom a form is about. Dates are ISO 8601."""

NUMBER = re.compile(r"0|[1-9][0-9]{0,9}")
TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


class FieldBase(BaseModel):
    """What every field says of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: FieldName
    label: Text
    hint: Text | None = None
    required: bool = True
    editable: bool = True
    prefill: Source | None = None
    follows: FieldName | None = None  # the prefill holds only while this earlier field keeps its own

    def spelt(self, typed: str) -> str:
        """What was typed, before it is read: composed, without blanks around."""
        return unicodedata.normalize("NFC", typed).strip()

    def check_characters(self, value: str) -> None:
        """Of what is still being written. Raises NotValid for a character that can be in no value of it."""

    @abstractmethod
    def read(self, value: str, known: Known, today: date) -> str:
        """The value as it is stored; `value` is stripped and not empty. Raises NotValid."""

    def printed(self, value: str) -> str:
        """A stored value as a certificate shows it."""
        return value


class TextField(FieldBase):
    type: Literal["text"]
    max_length: int = Field(default=100, ge=1, le=1000)  # characters
    min_length: int = Field(default=1, ge=1, le=100)
    digits: int = Field(default=0, ge=0, le=100)  # at least so many among them

    def read(self, value: str, known: Known, today: date) -> str:  # noqa: ARG002 - same shape for every kind
        text = one_line(value, self.max_length, is_drawn=True)
        if len(text) < self.min_length or sum(sign in "0123456789" for sign in text) < self.digits:
            raise NotValid(
                "incomplete",
                f"填写不完整：至少{self.min_length}个字符，其中至少{self.digits}位数字；请照原件完整填写。",
                f"This is not whole: it has at least {self.min_length} characters, {self.digits} digits among them; "
                "please copy all of it from the document.",
            )
        return text

    def check_characters(self, value: str) -> None:
        require_wanted(value)
        require_drawable(value)


class NameField(FieldBase):
    """A person's name, in its one spelling. One that the register tells is taken as it stands there."""

    type: Literal["name"]
    is_new: bool = False  # of a newborn, whom no ID card names yet

    @property
    def advice(self) -> Text:
        return TO_BE_REGISTERED if self.is_new else AS_ON_THE_CARD

    def spelt(self, typed: str) -> str:
        return spelt(typed)

    def read(self, value: str, known: Known, today: date) -> str:  # noqa: ARG002
        name = person_name(value, advice=self.advice) if self.editable else value
        require_drawable(name)
        return name

    def check_characters(self, value: str) -> None:
        name = require_letters(value, self.advice)
        require_drawable(name)


class Choice(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    code: FieldName
    label: Text


class ChoiceField(FieldBase):
    type: Literal["choice"]
    choices: tuple[Choice, ...] = Field(min_length=2)

    def read(self, value: str, known: Known, today: date) -> str:  # noqa: ARG002
        if all(choice.code != value for choice in self.choices):
            raise NotValid("unknown_choice", "请从列表中选择一项。", "Please choose one of the list.")
        return value

    def printed(self, value: str) -> str:
        return next(choice.label.zh for choice in self.choices if choice.code == value)


class DateField(FieldBase):
    type: Literal["date"]
    in_future: bool = True  # may it lie there?
    not_before: Source | None = None

    def read(self, value: str, known: Known, today: date) -> str:
        day = read_day(value)
        if not self.in_future and day > today:
            raise NotValid("future_date", "日期不能晚于今天。", "The date cannot lie in the future.")
        if self.not_before and day < date.fromisoformat(known[self.not_before]):
            raise NotValid("before_birth", "日期不能早于出生日期。", "The date cannot lie before your birth.")
        return day.isoformat()


class TimeField(FieldBase):
    """A time of day in China, in hours and minutes: '09:30'."""

    type: Literal["time"]
    day: FieldName | None = None  # the earlier field with its day
    in_future: bool = True  # may it lie there, on that day?

    def read(self, value: str, known: Known, today: date) -> str:  # noqa: ARG002
        if not TIME.fullmatch(value):
            raise NotValid(
                "not_a_time",
                "请填写24小时制的时和分，如“09:30”。",
                "Please enter hours and minutes on the 24-hour clock, such as 09:30.",
            )
        return value

    def require_past(self, value: str, day: str | None, now: datetime) -> None:
        """Raises NotValid for a time that has not come yet."""
        if not self.in_future and day == day_in_shanghai(now).isoformat() and value > time_in_shanghai(now):
            raise NotValid("future_time", "时间不能晚于现在，请核对。", "The time has not come yet; please check it.")

    def printed(self, value: str) -> str:
        return "{}时{}分".format(*value.split(":"))


class IdNumberField(FieldBase):
    """A citizen's ID number, of somebody whom the register need not name here."""

    type: Literal["id_number"]

    def read(self, value: str, known: Known, today: date) -> str:  # noqa: ARG002
        return IdNumber.parse(value, today)[:]


class MobileField(FieldBase):
    type: Literal["mobile"]

    def read(self, value: str, known: Known, today: date) -> str:  # noqa: ARG002
        return str(MobileNumber(value))


class NumberField(FieldBase):
    """A whole number, such as a weight in grams or an income in yuan."""

    type: Literal["number"]
    minimum: int = Field(default=0, ge=0)
    maximum: int = Field(default=1_000_000_000, le=1_000_000_000)
    unit: Text | None = None

    def read(self, value: str, known: Known, today: date) -> str:  # noqa: ARG002
        if not NUMBER.fullmatch(value):
            raise NotValid("not_a_number", "请填写整数，不带单位。", "Please enter a whole number, without its unit.")
        if not self.minimum <= int(value) <= self.maximum:
            raise NotValid(
                "out_of_range",
                f"应在{self.minimum}与{self.maximum}之间，请核对。",
                f"This should lie between {self.minimum} and {self.maximum}; please check it.",
            )
        return value

    def printed(self, value: str) -> str:
        return f"{value}{self.unit.zh}" if self.unit else value


class DivisionField(FieldBase):
    """A village or community, or a county, by its code of 12 digits."""

    type: Literal["village", "county"]

    def read(self, value: str, known: Known, today: date) -> str:  # noqa: ARG002
        division = divisions.get(value)
        if division.level == self.type:
            return division.code
        if self.type == "village":
            raise NotValid("not_a_village", "请选择到村或社区一级。", "Please choose down to the village or community.")
        raise NotValid("not_a_county", "请选择到县（区）一级。", "Please choose the county or district.")

    def printed(self, value: str) -> str:
        return full_name(value)


class Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    name: str


class BodyField(FieldBase):
    """An office or institution, by its unified social credit code (GB 32100)."""

    type: Literal["body"]
    bodies: tuple[Body, ...] = ()  # that may be chosen; whoever owns the form fills them in

    def read(self, value: str, known: Known, today: date) -> str:  # noqa: ARG002
        if all(body.code != value for body in self.bodies):
            raise NotValid(
                "unknown_body",
                "该机构不办理此事项，请从列表中选择。",
                "This body does not do this; please choose one of the list.",
            )
        return value

    def printed(self, value: str) -> str:
        return next((body.name for body in self.bodies if body.code == value), value)


FormField = Annotated[
    TextField
    | NameField
    | ChoiceField
    | DateField
    | TimeField
    | IdNumberField
    | MobileField
    | NumberField
    | DivisionField
    | BodyField,
    Field(discriminator="type"),
]
