"""Writes docs/powers.md from the departments' powers tables: `python -m deploy.powers_document`."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from deploy.departments import NAMES
from shared.contracts.catalogue import CONTRACTS
from shared.department.powers import FRAME, Powers, Row, StaffPower, read_powers

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "powers.md"

INTRODUCTION = """\
# Powers 权限表

This page is made from `services/<department>/powers.yaml` and `shared/department/powers.yaml` by `make powers`; edit
those. One row names the routes of one act. A route without a row stops the department's start, and so does a row
without a route, so nothing is open by mistake.

- **anyone**: without signing in.
- **citizen**: at which level. An *account* has proved a phone; *verified* people have proved who they are, at a counter
  or by an identity provider. `own`, `ward` and `mandate` say whose business it may be.
- **staff**: the role, and where it counts. `within`: for matters within the division the person is appointed for.
  `any`: for anybody who comes. `country`: only if appointed for the whole country. `own department`: only if appointed
  for the operations of this very department.
- **purpose**: what the power is given for.

What was said last about a member of staff holds: a dismissal or a move is obeyed by every department as soon as it has
heard of it, whatever a token says.
"""


def document(tables: Iterable[tuple[str, Powers]]) -> str:
    return "\n".join([INTRODUCTION, *(line for title, powers in tables for line in _table(title, powers))]) + "\n"


def tables() -> Iterator[tuple[str, Powers]]:
    yield "Every department 各部门", FRAME
    titles = {contract.department: contract.title.zh for contract in CONTRACTS}
    for name in NAMES:
        yield f"{name} {titles[name]}", read_powers(ROOT / "services" / name / "powers.yaml")


def _table(title: str, powers: Powers) -> Iterator[str]:
    yield from (f"\n## {title}\n", "| act | who | purpose | routes |", "| --- | --- | --- | --- |")
    rows = {id(row): row for row in powers.values()}  # a row stands under each of its routes
    for row in rows.values():
        purpose = f"{row.purpose.zh}<br>{row.purpose.en}" if row.purpose else ""
        routes = "<br>".join(f"`{route}`" for route in row.routes)
        yield f"| {row.act.zh}<br>{row.act.en} | {'<br>'.join(_who(row))} | {purpose} | {routes} |"


def _who(row: Row) -> Iterator[str]:
    if row.anyone:
        yield "anyone"
    if row.citizen:
        yield f"citizen, {row.citizen.level}: {', '.join(row.citizen.matters)}"
    if row.staff == "all":
        yield "all staff"
    else:
        yield from (_of(power) for power in row.staff)


def _of(power: StaffPower) -> str:
    return f"{power.role}, {power.division}" + (", own department" if power.department else "")


if __name__ == "__main__":
    DOCUMENT.write_text(document(tables()), "utf-8")
