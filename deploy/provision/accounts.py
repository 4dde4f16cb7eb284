"""From rows to accounts and, where wanted, to seals and signatures: in parts, each of which may be sent again."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from deploy.provision.desk import Desk
from deploy.provision.rows import Row, Wrong
from shared.standards.division_names import village_committee_name
from shared.standards.errors import NotValid

T = TypeVar("T")

THERE_ALREADY = "already_living"  # a living seal of that body, or signature of that officer
A_PART = 100  # lines: some seconds of hashing passwords


@dataclass(frozen=True, slots=True)
class Part:
    """What became of some lines."""

    lines: int
    done: int = 0  # new
    unchanged: int = 0
    passwords: Mapping[str, str] = field(default_factory=dict)  # by login
    staff: Mapping[int, str] = field(default_factory=dict)  # line -> staff id
    wrong: Sequence[Wrong] = ()


async def appoint(desk: Desk, rows: Sequence[Row]) -> AsyncIterator[Part]:
    for part in _parts(rows):
        body = [_appointment(row) for row in part]
        report = await desk.send("/staff/import", body)
        here = (*report["appointed"], *report["unchanged"])
        yield Part(
            lines=len(part),
            done=len(report["appointed"]),
            unchanged=len(report["unchanged"]),
            passwords={row["login"]: row["initial_password"] for row in report["appointed"] if row["initial_password"]},
            staff={part[row["line"] - 1].line: row["staff"] for row in here},
            wrong=[wrong for row in report["rejected"] for wrong in _wrong(part[row["line"] - 1].line, row)],
        )


def _appointment(row: Row) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("login", "name", "id_number", "roles", "division", "department")}


async def apply_for_seals(desk: Desk, rows: Sequence[Row], staff: Mapping[int, str]) -> AsyncIterator[Part]:
    """The seal of each body, and the signature of each officer; `staff` names the officer of each line."""
    for part in _parts(rows):
        wanted = [(row.line, one) for row in part for one in _seals(row, staff[row.line])]
        report = await desk.send("/seals/import", {"rows": [one for _, one in wanted]})
        rejected = [row for row in report["rejected"] if row["code"] != THERE_ALREADY]
        yield Part(
            lines=len(part),
            done=len(report["accepted"]),
            unchanged=len(report["rejected"]) - len(rejected),
            wrong=[wrong for row in rejected for wrong in _wrong(wanted[row["line"] - 1][0], row)],
        )


def _seals(row: Row, staff: str) -> Iterator[dict[str, str]]:
    seal = {"kind": "seal", "division": row.division}
    if row.credit_code:
        seal |= {"credit_code": row.credit_code, "name": _committee(row.division)}
    yield seal
    yield {"kind": "signature", "staff": staff}


def _committee(division: str) -> str:
    """Its legal name; what has none is left to the department to refuse."""
    try:
        return village_committee_name(division)
    except NotValid:
        return ""


def _wrong(line: int, rejected: Mapping[str, Any]) -> Iterator[Wrong]:
    if not rejected["errors"]:
        yield Wrong(line, "", rejected["detail"])
    for error in rejected["errors"]:
        yield Wrong(line, error["field"], error["message"])


def _parts(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), A_PART):
        yield rows[start : start + A_PART]
