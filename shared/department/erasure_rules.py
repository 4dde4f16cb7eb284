"""Rules by which law keeps a person's data at a department: its `erasure.yaml`.

    - rule: certificate_in_force
      keeps: {zh: 持有有效证照。, en: A certificate is in force.}
      basis: {zh: 《…》第…条, en: …, Art. …}
      until: told

`until`: `open` (nobody can tell yet), `told` (the day that the department's records tell), or so many `years` after the
end of the year of that day, or so many `days` after it. Without a `basis` the office has yet to name the law; the data
are kept meanwhile, and the citizen is told so.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.contracts.case_items import Words
from shared.contracts.erasure import Reason
from shared.contracts.errors import Misconfigured
from shared.contracts.plain_yaml import read_yaml

OPEN_BASIS = Words(zh="依据待主管部门明确", en="the competent authority has yet to name the basis")
MOST_YEARS = 100
MOST_DAYS = 36_500


class Years(BaseModel):
    """After the end of the calendar year, as accounting vouchers are kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    years: Annotated[int, Field(ge=1, le=MOST_YEARS)]


class Days(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    days: Annotated[int, Field(ge=1, le=MOST_DAYS)]


class Rule(BaseModel):
    """One thing that keeps a person's data."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: Annotated[str, Field(pattern=r"^[a-z][a-z_]{1,40}$")]
    keeps: Words
    basis: Words | None = None
    until: Literal["open", "told"] | Years | Days


@dataclass(frozen=True, slots=True)
class Found:
    """A rule applies to a person. `last`: the day from which its end follows; None: there is none yet."""

    last: date | None = None


def reason(rule: Rule, found: Found, today: date) -> Reason | None:
    """None: its end has passed."""
    until = _end(rule, found.last)
    if until is not None and until < today:
        return None
    return Reason(rule=rule.rule, keeps=rule.keeps, basis=rule.basis or OPEN_BASIS, until=until)


def _end(rule: Rule, last: date | None) -> date | None:
    match rule.until:
        case "open":
            return None
        case Years(years=years) if last:
            return date(last.year + years, 12, 31)
        case Days(days=days) if last:
            return last + timedelta(days=days)
        case _:
            return last


def read_rules(path: Path, known: Collection[str]) -> tuple[Rule, ...]:
    """`known`: the rules that the department's code can look up, each of which is in the file once.

    Raises Misconfigured naming file, entry and field.
    """
    try:
        raw = read_yaml(path.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise Misconfigured(f"{path.name} cannot be read as retention rules: {error!r}") from None
    if not isinstance(raw, list):
        raise Misconfigured(f"{path.name} is no list of retention rules")
    rules = []
    for number, one in enumerate(raw, start=1):
        try:
            rules.append(Rule.model_validate(one))
        except ValidationError as error:
            wrong = error.errors(include_url=False)[0]
            place = ".".join(map(str, wrong["loc"]))
            raise Misconfigured(f"{path.name}, entry {number}: {place}: {wrong['msg']}") from None
    names = [one.rule for one in rules]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Misconfigured(f"{path.name} names twice: {', '.join(twice)}")
    if strange := sorted(set(names) ^ set(known)):
        raise Misconfigured(f"{path.name} and the code do not name the same rules: {', '.join(strange)}")
    return tuple(rules)
