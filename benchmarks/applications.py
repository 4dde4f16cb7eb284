"""The aggregate and the read model of every row: an application for a certificate is handed in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import NAMESPACE_OID, uuid5

from shared.contracts.event import Event, Personal, Recorded
from shared.eventstore.aggregate import Aggregate
from shared.eventstore.read_model import ReadModel, Statement


class ApplicationSubmitted(Event):
    """About 330 bytes of JSON, as large as the events of the real departments; two fields are sealed."""

    item: str
    applicant: str
    division: str
    address: Personal[str]
    purpose: Personal[str]
    channel: str
    submitted_at: datetime


@dataclass(frozen=True)
class Submit:
    item: str
    applicant: str
    division: str
    address: str
    purpose: str
    channel: str
    submitted_at: datetime


AN_APPLICATION = Submit(
    item="residence-proof",
    applicant="0192f3a4-6b1c-7d2e-8f30-415263748596",
    division="130102001001",
    address="河北省石家庄市长安区建北街道棉六社区 7 号楼 2 单元 301",
    purpose="子女入学",
    channel="app",
    submitted_at=datetime(2024, 7, 1, 9, tzinfo=UTC),
)

PEOPLE = 1000


def of_person(nth: int) -> Submit:
    """The application of one of PEOPLE."""
    return replace(AN_APPLICATION, applicant=str(uuid5(NAMESPACE_OID, str(nth % PEOPLE))))


def decide(is_submitted: bool, command: Submit) -> Sequence[Event]:
    if is_submitted:
        return []
    return [
        ApplicationSubmitted(
            item=command.item,
            applicant=command.applicant,
            division=command.division,
            address=command.address,
            purpose=command.purpose,
            channel=command.channel,
            submitted_at=command.submitted_at,
        )
    ]


def evolve(_is_submitted: bool, _event: Event) -> bool:
    return True


APPLICATION: Aggregate[bool, Submit] = Aggregate("application", False, decide, evolve)


def payload() -> str:
    """The event's text: what the peers store, too."""
    (event,) = decide(False, AN_APPLICATION)
    return event.model_dump_json()


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case ApplicationSubmitted(item=item, division=division, submitted_at=at):
            yield "submitted", (event.stream, item, division, at)


APPLICATIONS = ReadModel.beside(__file__, version=1, events=(ApplicationSubmitted,), project=project)
