"""A certificate is printed at a kiosk once, and its holder is told. Stream `printing-<certificate>`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.certificates.domain.guardian import guardian_of
from shared.contracts.certificates import CertificateIssued, CertificatePrintedAtKiosk
from shared.contracts.errors import Refused
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate


class CertificatePrinted(Event):
    """Private: from when prints were told to nobody; it goes on beside the public event."""

    certificate: UUID
    kiosk: UUID
    printed_at: datetime


@dataclass(frozen=True, slots=True)
class Machine:
    """A kiosk, as appointed."""

    id: UUID
    name: str | None
    division: str | None


@dataclass(frozen=True, slots=True)
class PrintCertificate:
    issued: CertificateIssued
    kiosk: Machine
    proof: Literal["code", "card"]  # what the holder proved who they are by
    now: datetime


State = CertificatePrinted | None


def decide(printed: State, command: PrintCertificate) -> Sequence[Event]:
    if printed is not None:
        raise Refused(
            "already_printed",
            "该证照已在自助终端打印过；如需再次打印，请到综合窗口。",
            "This certificate has been printed at a kiosk before; please come to the counter for another print.",
        )
    issued, kiosk, now = command.issued, command.kiosk, command.now
    return [
        CertificatePrinted(certificate=issued.certificate, kiosk=kiosk.id, printed_at=now),
        CertificatePrintedAtKiosk(
            certificate=issued.certificate,
            citizen=issued.citizen,
            certificate_type=issued.certificate_type,
            identifier=issued.identifier,
            kiosk=kiosk.id,
            kiosk_name=kiosk.name,
            division=kiosk.division,
            proof=command.proof,
            printed_at=now,
            guardian=guardian_of(issued, now),
        ),
    ]


def evolve(printed: State, event: Event) -> State:
    return event if isinstance(event, CertificatePrinted) else printed


PRINTING: Aggregate[State, PrintCertificate] = Aggregate("printing", None, decide, evolve)
