"""From what age on somebody may be retired: dated rules, by sex."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from services.insurance.domain import refusals
from shared.standards.age import years_old
from shared.standards.id_number import IdNumber

Sex = Literal["male", "female"]


@dataclass(frozen=True, slots=True)
class RetirementAge:
    """One row of dated data: below this age nobody is of the class."""

    id: str
    person_class: str
    sex: Sex
    least_age: int  # years
    valid_from: date
    valid_to: date | None
    source: str

    def holds(self, person_class: str, sex: Sex, day: date) -> bool:
        begun = self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)
        return begun and (self.person_class, self.sex) == (person_class, sex)


class RetirementBook(Protocol):
    def retirement_age(self, person_class: str, sex: Sex, day: date) -> RetirementAge | None: ...


def require_age(book: RetirementBook, person_class: str, id_number: IdNumber, day: date) -> None:
    """Raises Invalid for a class that somebody is too young for on the day it is to hold from."""
    rule = book.retirement_age(person_class, "male" if id_number.is_male else "female", day)
    age = years_old(id_number.birth_date, day)
    if rule is not None and age < rule.least_age:
        raise refusals.too_young_to_retire(age, day, rule.least_age)
