"""An upper bound on what strangers and citizens can make each department store, from the limits in the code.

Bytes of a department's database, indexes and dead rows included; its logs and the write-ahead log are not. What a
command stores without what was typed, and how often typed text is copied, are measured by test_storage_bound.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from services.certificates.domain.evidence_kind import LARGEST_FILE
from services.certificates.settings import CertificatesSettings
from services.identity import trying
from services.identity.phone_accounts import KEPT_FOR as ACCOUNT_KEPT_FOR
from shared.department import codes, day_limits, drafts, message_gateway
from shared.department.counts import BITS
from shared.department.limits import LARGEST_BODY

KIB: Final = 1024
DAY = timedelta(days=1)

A_COMMAND: Final = 16 * KIB  # all that one command makes all departments store, beside what was typed
COPIES: Final = 6  # of what is typed: event, read models, indexes, neighbours' copies
A_ROW: Final = 512  # bytes of a small row of a frame's table with its indexes, dead versions included
A_SESSION_STEP: Final = 4 * KIB  # an event of a session, and what goes with it

STRANGER_LIMITS: Final = (
    codes.CLIENT_HOUR,
    codes.CLIENT_DAY,
    codes.FROM_ONE_CLIENT,
    *codes.PHONE_LIMITS,
    trying.CLIENT,
    trying.CLIENT_OF_STAFF,
    trying.CITIZENS.account,
    trying.STAFF.account,
    trying.FIRST.account,
)
"""Counted by names that strangers choose; each has 2^BITS rows at most."""

DEPARTMENTS: Final = ("identity", "certificates", "notification", "insurance", "cases")


@dataclass(frozen=True, slots=True)
class Bound:
    """`of`: everybody together, or each one. `stays`: how much can lie there; `a_day`: how much can be added."""

    who: str
    department: str
    what: str
    a_day: int
    stays: int | None = None  # bytes; None: it is never taken away


def of_strangers() -> Iterator[Bound]:
    """All who have no account, together, whatever their number and addresses."""
    counts = len(STRANGER_LIMITS) * 2**BITS * A_ROW
    yield Bound("strangers", "identity", "counts of tries and codes", counts, counts)
    yield Bound(
        "strangers", "identity", "codes by phone", codes.ALL_DAY.most * A_ROW, codes.ALL_LIVING.most * 2 * A_ROW
    )
    kiosks = codes.ALL_LIVING.most * 2 * A_ROW + message_gateway.MOST_KEPT * A_ROW
    sink = message_gateway.MOST_KEPT * A_ROW
    yield Bound("strangers", "identity", "messages in the sink", sink, sink)
    yield Bound("strangers", "certificates", "codes at kiosks", codes.ALL_DAY.most * A_ROW, kiosks)
    openings = trying.OPENINGS_DAY.most * 2 * A_ROW
    yield Bound("strangers", "identity", "accounts of a phone alone", openings, openings * (ACCOUNT_KEPT_FOR // DAY))


def of_a_client() -> Iterator[Bound]:
    """One address of a stranger: codes, and the tries that are counted."""
    yield Bound("client", "identity", "codes by phone", codes.CLIENT_DAY.most * A_ROW)
    tries = trying.CLIENT.most * (DAY // trying.CLIENT.within)
    yield Bound("client", "identity", "tries", (codes.CLIENT_DAY.most + tries) * 3 * A_ROW)


def of_a_citizen(
    *,
    commands: int = day_limits.COMMANDS_A_DAY,
    kilobytes: int = day_limits.KILOBYTES_A_DAY,
    uploads: int | None = None,
    unused_megabytes: int | None = None,
) -> Iterator[Bound]:
    """One verified citizen, who does all they may in every department. An account of a phone alone: identity's only."""
    for department in DEPARTMENTS:
        typed = commands * A_COMMAND + kilobytes * KIB * COPIES
        yield Bound("citizen", department, f"{commands} commands of {kilobytes} KiB", typed)
    for department in ("certificates", "cases"):
        yield Bound("citizen", department, "drafts", 0, drafts.MOST * LARGEST_BODY)
    sessions = (trying.SESSIONS_DAY.most + trying.REFRESHES_DAY.most) * A_SESSION_STEP
    yield Bound("citizen", "identity", "sessions and refreshes", sessions)
    fields = CertificatesSettings.model_fields
    files = fields["uploads_a_day"].default if uploads is None else uploads
    unused = fields["unused_uploads_mb"].default if unused_megabytes is None else unused_megabytes
    most = files * (LARGEST_FILE + A_COMMAND)
    yield Bound("citizen", "certificates", f"{files} files", most, None)
    yield Bound("citizen", "certificates", "files that no application names", 0, (unused + 5) * KIB * KIB)


def total(bounds: Iterator[Bound]) -> int:
    """Bytes a day."""
    return sum(one.a_day for one in bounds)
