"""What one person brings on one day, so that nobody fills our disks. Private. Stream `uploads-<person>-<day>`.

All of a day meet in one stream, so that uploads at once never come to more than may come.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.contracts.errors import TooMany
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate
from shared.standards.shanghai import day_in_shanghai, end_of

MEGABYTE = 1024 * 1024


class UploadCounted(Event):
    """He may bring this; whether it was stored says EvidenceStored."""

    sha256: str
    size: int  # bytes
    counted_at: datetime


@dataclass(frozen=True, slots=True)
class Quota:
    files_a_day: int
    unused_bytes: int  # of what no application names


@dataclass(frozen=True, slots=True)
class CountUpload:
    """`held`: unused bytes from before this day. `used`: of this day's files those that an application names."""

    sha256: str
    size: int
    held: int
    used: frozenset[str]
    quota: Quota
    now: datetime


State = Mapping[str, int]
"""Bytes by name."""


def decide(counted: State, command: CountUpload) -> Sequence[Event]:
    """Raises TooMany "too_many_uploads", "too_much_unused"."""
    if command.sha256 in counted:
        return []
    quota = command.quota
    if len(counted) >= quota.files_a_day:
        raise _too_many(quota.files_a_day, command.now)
    unused = command.held + sum(size for name, size in counted.items() if name not in command.used)
    if unused + command.size > quota.unused_bytes:
        raise _too_much(quota.unused_bytes)
    return [UploadCounted(sha256=command.sha256, size=command.size, counted_at=command.now)]


def evolve(counted: State, event: Event) -> State:
    return {**counted, event.sha256: event.size} if isinstance(event, UploadCounted) else counted


UPLOAD_DAY: Aggregate[State, CountUpload] = Aggregate("uploads", {}, decide, evolve)


def _too_many(most: int, now: datetime) -> TooMany:
    seconds = (end_of(day_in_shanghai(now)) - now).total_seconds()
    return TooMany(
        "too_many_uploads",
        f"今天上传的文件已达{most}个的上限，请明天再上传；需要加急的，可到窗口办理。",
        f"You have brought {most} files today, which is the most; please go on tomorrow, or come to the counter.",
        retry_after=seconds,
    )


def _too_much(most: int) -> TooMany:
    megabytes = most // MEGABYTE
    return TooMany(
        "too_much_unused",
        f"您上传后尚未用于申请的文件已达{megabytes}MB的上限，请先提交申请，再继续上传。",
        f"Your files that no application names yet come to {megabytes} MB, which is the most; submit what they are for,"
        " then go on.",
    )
