"""Settles the bills of a file, and answers with the sheets as JSON."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import typer

from deploy.cli.settle_cases import Basis, Case
from deploy.cli.terminal import answer, tell
from services.insurance import bill_file
from services.insurance.bill_file import BillFile
from services.insurance.domain.compare import Comparison
from services.insurance.domain.explain import explain
from services.insurance.domain.no_rule import LEVEL
from services.insurance.domain.sheet import Sheet
from services.insurance.domain.situation import ORDINARY, Filing, Level, Place
from services.insurance.domain.values import proportion_text
from services.insurance.policies import policies
from shared.contracts.errors import Invalid, NotFound, Refused
from shared.standards.text import Text

OPTIONS = {"discharged_on": "--date", "level": "--level", "filing": "--filing", "person_class": "--class"}
"""A policy's name of a thing, and its form here."""


@dataclass(frozen=True, slots=True)
class Asked:
    """By which policy, in which case; and in which other one beside it."""

    policy: str | None
    date: datetime | None
    level: Level | None
    place: Place
    filing: Filing
    insured_class: str
    compare_date: datetime | None
    compare_filing: Filing | None

    @property
    def of_a_policy(self) -> bool:
        """Something was asked that only a policy can tell."""
        chosen = (self.date, self.level, self.place != "city", self.filing != "none", self.insured_class != ORDINARY)
        return any((*chosen, self.compare_date, self.compare_filing))


def settle(file: Path, asked: Asked, *, carries: bool, explains: bool) -> None:
    """`carries`: the bills are one person's year."""
    case = _case(asked)
    other = case and case.but(asked.compare_date and asked.compare_date.date(), asked.compare_filing)
    if case is None and asked.of_a_policy:
        raise typer.BadParameter("name the policy it is asked of", param_hint="--policy")
    found: list[Any]
    with refusals_told():
        bills = bill_file.read(_text(file))
        bases = _bases(bills, case)
        sheets = bills.settle([basis.rules for basis in bases], carries=carries)
        if case and other and other != case:
            others = bills.settle([basis.rules for basis in _bases(bills, other)], carries=carries)
            cause = case.what_differs(other)
            found = [_compared(Comparison(*both), cause) for both in zip(sheets, others, strict=True)]
        elif explains:
            found = [_explained(sheet, basis) for sheet, basis in zip(sheets, bases, strict=True)]
        else:
            found = [sheet.as_json() for sheet in sheets]
    for unknown in bills.unknown:
        tell(f"tongban: {unknown} is no part of a bill and was left out")
    answer(json.dumps(found if bills.is_list else found[0], indent=1, ensure_ascii=False))


def _text(file: Path) -> str:
    try:
        return (sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()).decode("utf-8-sig")
    except OSError as error:
        raise NotFound(
            "file", f"无法读取{file}：{error.strerror}。", f"{file} cannot be read: {error.strerror}."
        ) from None
    except UnicodeDecodeError:
        raise Invalid("encoding", "文件应为UTF-8编码。", "The file is not UTF-8; please save it so.") from None


def _case(asked: Asked) -> Case | None:
    policy, date, level, place = asked.policy, asked.date, asked.level, asked.place
    if policy is None:
        return None
    if date is None:
        raise typer.BadParameter("with --policy, the day of discharge decides", param_hint="--date")
    with refusals_told():
        chosen = policies().named(policy)
        if level is None:
            level = chosen.version_on(date.date()).least_paying_level(place)
            tell(f"tongban: without --level it is taken to be {LEVEL[level].en} ({level})")
    return Case(chosen, date.date(), level, place, asked.filing, asked.insured_class)


def _bases(bills: BillFile, case: Case | None) -> list[Basis]:
    if case is None:
        return [Basis(rules) for rules in bills.require_rules()]
    return [case.basis()] * len(bills.bills)


def _explained(sheet: Sheet, basis: Basis) -> dict[str, Any]:
    lines = [
        {
            "field": line.field,
            "label": line.label._asdict(),
            "amount": _shown(line.field, line.amount),
            "words": line.words._asdict(),
            "formula": line.formula,
            "rules": line.rules,
        }
        for line in explain(sheet, basis.rules, basis.ids)
    ]
    return {"sheet": sheet.as_json(), "acc_after": sheet.acc_after.as_json(), "lines": lines}


def _compared(comparison: Comparison, cause: Text) -> dict[str, Any]:
    lines = [
        {
            "field": line.field,
            "label": line.label._asdict(),
            "one": _shown(line.field, line.one),
            "other": _shown(line.field, line.other),
            "difference": _shown(line.field, line.difference),
        }
        for line in comparison.lines
    ]
    return {"lines": lines, "saves": str(comparison.saves), "told": comparison.told(cause)._asdict()}


def _shown(field: str, value: Decimal) -> str:
    return proportion_text(value) if field == "effective_ratio" else str(value)


@contextmanager
def refusals_told() -> Iterator[None]:
    """Tells each refusal in a line on standard error, and ends with exit code 1."""
    try:
        yield
    except Refused as refused:
        fields = refused.fields if isinstance(refused, Invalid) else {}
        for field, text in fields.items():
            tell(f"tongban: {OPTIONS.get(field, field)}: {text.en}")
        if not fields:
            tell(f"tongban: {refused.text.en}")
        raise typer.Exit(1) from None
