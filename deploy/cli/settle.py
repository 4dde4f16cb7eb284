"""`tongban settle`: what the insurance pays of a bill, by the very function the department settles with."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from services.insurance.domain.situation import ORDINARY, Filing, Level, Place

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
    from deploy.cli.settle_work import Asked, settle

    settle(
        file,
        Asked(policy, date, level, place, filing, insured_class, compare_date, compare_filing),
        carries=year,
        explains=with_lines,
    )
