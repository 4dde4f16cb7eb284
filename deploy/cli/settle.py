"""`tongban settle`: what the insurance pays of a bill, by the very function the department settles with."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

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
"""What a policy calls a thing, and how it is given here."""

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD")]


def settle(
    file: Annotated[Path, typer.Argument(metavar="FILE|-", help="JSON; - is standard input.")],
    policy: Annotated[
        str | None, typer.Option(help="By a shipped policy, such as guangxi, not the bill's rules.")
    ] = None,
    date: Day = None,
    level: Annotated[Level | None, typer.Option(help="Of the hospital; without it, the one that pays least.")] = None,
    place: Annotated[Place, typer.Option(help="Of treatment: the insured city, its region, or across.")] = "city",
    filing: Annotated[Filing, typer.Option(help="Of treatment away from home.")] = "none",
    insured_class: Annotated[str, typer.Option("--class", help="Of the insured, such as poor_1.")] = ORDINARY,
    compare_date: Day = None,
    compare_filing: Annotated[Filing | None, typer.Option()] = None,
    year: Annotated[bool, typer.Option("--year", help="The bills are one person's year, in this order.")] = False,
    with_lines: Annotated[bool, typer.Option("--explain", help="Each line with formula, rule and words.")] = False,
) -> None:
    """Settle one bill, or a list of them: the sheets as JSON, one object for one bill, a list for a list.

    `--date` is the discharge. With `--compare-date` or `--compare-filing` each bill is settled under both.
    """
    case = _case(policy, date, level, place, filing, insured_class)
    other = case and case.but(compare_date and compare_date.date(), compare_filing)
    of_a_policy = (
        date,
        level,
        place != "city",
        filing != "none",
        insured_class != ORDINARY,
        compare_date,
        compare_filing,
    )
    if case is None and any(of_a_policy):
        raise typer.BadParameter("name the policy it is asked of", param_hint="--policy")
    found: list[Any]
    with refusals_told():
        bills = bill_file.read(_text(file))
        bases = _bases(bills, case)
        sheets = bills.settle([basis.rules for basis in bases], carries=year)
        if case and other and other != case:
            others = bills.settle([basis.rules for basis in _bases(bills, other)], carries=year)
            cause = case.what_differs(other)
            found = [_compared(Comparison(*both), cause) for both in zip(sheets, others, strict=True)]
        elif with_lines:
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


def _case(
    policy: str | None, date: datetime | None, level: Level | None, place: Place, filing: Filing, insured_class: str
) -> Case | None:
    if policy is None:
        return None
    if date is None:
        raise typer.BadParameter("with --policy, the day of discharge decides", param_hint="--date")
    with refusals_told():
        chosen = policies().named(policy)
        if level is None:
            level = chosen.version_on(date.date()).least_paying_level(place)
            tell(f"tongban: without --level it is taken to be {LEVEL[level].en} ({level})")
    return Case(chosen, date.date(), level, place, filing, insured_class)


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
    """What was refused, a line each on standard error, and exit code 1."""
    try:
        yield
    except Refused as refused:
        fields = refused.fields if isinstance(refused, Invalid) else {}
        for field, text in fields.items():
            tell(f"tongban: {OPTIONS.get(field, field)}: {text.en}")
        if not fields:
            tell(f"tongban: {refused.text.en}")
        raise typer.Exit(1) from None
