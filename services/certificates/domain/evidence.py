"""A file that was brought as evidence. Private. Stream `evidence-<who uploaded it>-<SHA-256>`.

The file lies outside events, under its hash; the event says who brought it, so that nobody else can name it as his.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.certificates.domain.evidence_kind import Media
from shared.contracts.errors import Invalid
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate
from shared.inspection.pdf import is_pdf
from shared.standards.text import Text

Scan = Literal["clean", "not_scanned"]

BEGINNINGS: Mapping[Media, bytes] = {
    "application/pdf": b"%PDF-",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
}


class EvidenceStored(Event):
    uploaded_by: UUID  # a person, or a member of staff for one
    sha256: str  # 64 hexadecimal digits
    media: str
    size: int  # bytes
    scan: Scan
    stored_at: datetime


class EvidenceSwept(Event):
    """No application named it for long: nobody can name it any more, until it is brought again."""

    uploaded_by: UUID
    sha256: str
    swept_at: datetime


@dataclass(frozen=True, slots=True)
class StoreEvidence:
    uploaded_by: UUID
    sha256: str
    media: Media
    size: int
    scan: Scan
    now: datetime


@dataclass(frozen=True, slots=True)
class SweepEvidence:
    before: datetime  # what came later stays
    now: datetime


Command = StoreEvidence | SweepEvidence
State = EvidenceStored | None


def decide(stored: State, command: Command) -> Sequence[Event]:
    if isinstance(command, SweepEvidence):
        if stored is None or stored.stored_at >= command.before:
            return []
        return [EvidenceSwept(uploaded_by=stored.uploaded_by, sha256=stored.sha256, swept_at=command.now)]
    if stored is not None:
        return []
    return [
        EvidenceStored(
            uploaded_by=command.uploaded_by,
            sha256=command.sha256,
            media=command.media,
            size=command.size,
            scan=command.scan,
            stored_at=command.now,
        )
    ]


def evolve(stored: State, event: Event) -> State:
    match event:
        case EvidenceStored():
            return event
        case EvidenceSwept():
            return None
        case _:
            return stored


EVIDENCE: Aggregate[State, Command] = Aggregate("evidence", None, decide, evolve)


def evidence_id(uploaded_by: UUID, sha256: str) -> str:
    return f"{uploaded_by}-{sha256}"


def media_of(declared: str, content: bytes) -> Media:
    """What the file is. Raises Invalid for other kinds, for nothing, and for a file that is not what it says."""
    media = next((media for media in BEGINNINGS if media == declared), None)
    if media is None:
        raise _wrong("media_not_taken", "仅接受PDF、PNG和JPEG文件。", "Only PDF, PNG and JPEG files are taken.")
    if not content:
        raise _wrong("empty_file", "文件是空的，请重新选择。", "The file is empty; please choose it again.")
    if not (is_pdf(content) if media == "application/pdf" else content.startswith(BEGINNINGS[media])):
        raise not_what_it_says()
    return media


def not_what_it_says() -> Invalid:
    return _wrong(
        "not_what_it_says",
        "文件内容与其类型不符，请重新导出或拍照后上传。",
        "The file is not what it says it is; please export or photograph it anew.",
    )


def _wrong(code: str, zh: str, en: str) -> Invalid:
    return Invalid(code, zh, en, fields={"file": Text(zh, en)})
