"""Bounds what one person may have a department store in a day: so many commands and, of citizens, so many bytes.

    await quota.spend(caller, size, now)

Counted before the command is looked at, whatever comes of it. Files that are handed in have quotas of their own. With
the limits on accounts this bounds what a stranger can make us store: see tests/doors/storage_bound.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.contracts.errors import TooMany
from shared.department.caller import Caller
from shared.department.day_limits import COMMANDS_A_DAY, KILOBYTES_A_DAY, STAFF_COMMANDS_A_DAY
from shared.department.limits import LARGEST_BODY
from shared.eventstore.database import Pool
from shared.standards.shanghai import day_in_shanghai, end_of

COMMANDING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
JSON: Final = b"json"  # in the content type of what is counted in bytes
COMMANDS, BYTES, OF_STAFF = "citizen commands", "citizen bytes", "staff commands"
FULL = 2_000_000_000  # no count goes beyond it
MOST_DIGITS: Final = 12  # of a length

# Losing the last moments of a count in a crash does no harm, so the commit does not wait for the disk.
SPEND = """
with unhurried as materialized (select set_config('synchronous_commit', 'off', true))
insert into counts (kind, key, count, until)
select kind, $1, spent, $4 from unhurried, unnest($2::text[], $3::int[]) as asked (kind, spent)
on conflict (kind, key) do update set
  count = case when counts.until <= $5 then excluded.count
               else least(counts.count::bigint + excluded.count, $6)::int end,
  until = excluded.until
returning kind, count
"""


@dataclass(frozen=True, slots=True)
class DayQuota:
    """Of each citizen and each member of staff. A day is one in China."""

    pool: Pool
    commands: int = COMMANDS_A_DAY
    kilobytes: int = KILOBYTES_A_DAY
    staff_commands: int = STAFF_COMMANDS_A_DAY

    async def spend(self, caller: Caller, size: int, now: datetime) -> None:
        """One command of so many bytes. Raises TooMany."""
        end = end_of(day_in_shanghai(now))
        if caller.kind == "citizen":
            limits, asked = {COMMANDS: self.commands, BYTES: self.kilobytes * 1024}, [1, size]
        else:
            limits, asked = {OF_STAFF: self.staff_commands}, [1]
        rows = await self.pool.fetch(SPEND, caller.id.bytes, list(limits), asked, end, now, FULL)
        if any(row["count"] > limits[row["kind"]] for row in rows):
            raise _too_much((end - now).total_seconds())


def size_of(headers: Mapping[bytes, bytes]) -> int:
    """Of a body of JSON, as its Content-Length says; without one, the most there can be. Files count for nothing."""
    if JSON not in headers.get(b"content-type", b"").lower():
        return 0
    length = headers.get(b"content-length", b"")
    return min(int(length), LARGEST_BODY) if length.isdigit() and len(length) < MOST_DIGITS else LARGEST_BODY


def _too_much(seconds: float) -> TooMany:
    return TooMany(
        "too_much_today",
        "今天提交的次数或内容已达上限，请明天再办；需要加急的，请到窗口办理或者联系本单位管理员。",
        "As much as one may send in a day was sent; please go on tomorrow, or ask at a counter or your administrator.",
        retry_after=seconds,
    )
