"""Hospitals, maternity parameters, rules of plausibility and least ages of retirement as data: YAML, read and checked
at start."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from services.insurance.domain.hospital import Hospital
from services.insurance.domain.maternity import MaternityRules
from services.insurance.domain.plausibility import PlausibilityRule
from services.insurance.domain.refusals import unknown_hospital
from services.insurance.domain.retirement import RetirementAge, Sex
from shared.contracts.errors import Misconfigured
from shared.contracts.plain_yaml import read_yaml
from shared.standards import divisions
from shared.standards.divisions import is_within

FOLDER = Path(__file__).parent

T = TypeVar("T")


@dataclass(frozen=True)
class Directory:
    hospitals: Mapping[str, Hospital]  # by code
    maternity: Sequence[MaternityRules]
    plausibility: Sequence[PlausibilityRule] = ()
    retirement: Sequence[RetirementAge] = ()

    def hospital(self, code: str) -> Hospital:
        """Raises Invalid for one that is not designated."""
        if found := self.hospitals.get(code.strip().upper()):
            return found
        raise unknown_hospital()

    def hospitals_in(self, division: str) -> list[Hospital]:
        return [one for one in self.hospitals.values() if is_within(one.division, division)]

    def maternity_rules(self, region: str, day: date) -> MaternityRules | None:
        """None: no parameters for this region and day."""
        return next((rules for rules in self.maternity if rules.hold(region, day)), None)

    def plausibility_on(self, day: date) -> Sequence[PlausibilityRule]:
        """Of a discharge on that day."""
        return [rule for rule in self.plausibility if rule.hold_on(day)]

    def retirement_age(self, person_class: str, sex: Sex, day: date) -> RetirementAge | None:
        """None: the class is not bound to an age on that day."""
        return next((rule for rule in self.retirement if rule.holds(person_class, sex, day)), None)


@cache
def directory() -> Directory:
    """The directory this release ships."""
    return load(FOLDER)


def load(folder: Path) -> Directory:
    """Raises Misconfigured naming file, entry and field."""
    hospitals = _read(folder / "hospitals.yaml", Hospital)
    by_code = {one.code[:]: one for one in hospitals}
    if len(by_code) < len(hospitals):
        raise Misconfigured("hospitals.yaml: a code occurs twice")
    for number, one in enumerate(hospitals, start=1):
        if divisions.find(one.division) is None:
            raise Misconfigured(f"hospitals.yaml: entry {number}, division: {one.division} is in no list")
    maternity = _read(folder / "maternity.yaml", MaternityRules)
    for first, second in combinations(maternity, 2):
        if first.area == second.area and _overlap(first, second):
            raise Misconfigured(f"maternity.yaml: {first.id} and {second.id} hold at the same time")
    plausibility = _read(folder / "plausibility.yaml", PlausibilityRule)
    if len({rule.id for rule in plausibility}) < len(plausibility):
        raise Misconfigured("plausibility.yaml: an id occurs twice")
    for number, rule in enumerate(plausibility, start=1):
        if missing := rule.missing:
            raise Misconfigured(f"plausibility.yaml: entry {number}, {missing}: {rule.code} needs it")
    retirement = _read(folder / "retirement.yaml", RetirementAge)
    for age, other in combinations(retirement, 2):
        if (age.person_class, age.sex) == (other.person_class, other.sex) and _overlap(age, other):
            raise Misconfigured(f"retirement.yaml: {age.id} and {other.id} hold at the same time")
    return Directory(by_code, maternity, plausibility, retirement)


def _overlap(first: MaternityRules | RetirementAge, second: MaternityRules | RetirementAge) -> bool:
    return first.valid_from <= (second.valid_to or date.max) and second.valid_from <= (first.valid_to or date.max)


def _read(file: Path, kind: type[T]) -> list[T]:
    try:
        rows = read_yaml(file.read_text("utf-8"))
        return TypeAdapter(list[kind]).validate_python(rows)  # type: ignore[valid-type]
    except (OSError, yaml.YAMLError) as error:
        raise Misconfigured(f"{file.name} cannot be read: {error}") from None
    except ValidationError as error:
        wrong = [f"entry {_place(problem['loc'])}: {problem['msg']}" for problem in error.errors()]
        raise Misconfigured(f"{file.name}: {'; '.join(wrong)}") from None


def _place(location: tuple[int | str, ...]) -> str:
    """'1, tier': entries are counted from 1, as a person does."""
    entry, *field = location
    return ", ".join([str(int(entry) + 1), *map(str, field)])
