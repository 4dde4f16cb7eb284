"""The sample data, read from the files beside this one."""

from datetime import date
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter

from shared.contracts.identity import Role
from shared.contracts.plain_yaml import read_yaml
from shared.standards.id_number import IdNumber

T = TypeVar("T", bound=BaseModel)


class SampleStaff(BaseModel):
    """Someone to be appointed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    login: str
    name: str
    id_number: IdNumber
    roles: tuple[Role, ...]
    division: str
    department: str | None = None


class SamplePerson(BaseModel):
    """Someone to be entered in the household register. What of the household is not known is left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    id_number: IdNumber
    division: str
    address: str
    household_number: str | None = None
    relation: str | None = None


class SampleMarriage(BaseModel):
    """Two of the sample people."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    husband_id_number: IdNumber
    wife_id_number: IdNumber
    licence: str
    married_on: date


class SampleEmployment(BaseModel):
    """An employer, and its average monthly wage of a year."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    employer: str
    employer_name: str
    year: int
    average_wage: str


class SampleCredit(BaseModel):
    """A month's contribution to a personal account."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    month: str
    amount: str


class SampleInsured(BaseModel):
    """Someone of the sample people to be enrolled."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id_number: IdNumber
    insured_as: str
    region: str
    person_class: str = "ordinary"
    insured_from: str
    employment: SampleEmployment | None = None
    credits: tuple[SampleCredit, ...] = ()


def sample_staff() -> list[SampleStaff]:
    return _read("staff.yaml", SampleStaff)


def sample_people() -> list[SamplePerson]:
    return _read("people.yaml", SamplePerson)


def sample_marriages() -> list[SampleMarriage]:
    return _read("marriages.yaml", SampleMarriage)


def sample_insured() -> list[SampleInsured]:
    return _read("insured.yaml", SampleInsured)


def _read(name: str, kind: type[T]) -> list[T]:
    rows = read_yaml(Path(__file__).with_name(name).read_text("utf-8"))
    return TypeAdapter(list[kind]).validate_python(rows)  # type: ignore[valid-type]
