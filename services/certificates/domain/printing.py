"""A certificate is printed at a kiosk once. Private. Stream `printing-<certificate>`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.errors import Refused
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate


class CertificatePrinted(Event):
    certificate: UUID
    kiosk: UUID
    printed_at: datetime


@dataclass(frozen=True, slots=True)
class PrintCertificate:
    certificate: UUID
    kiosk: UUID
    now: datetime


State = CertificatePrinted | None


def decide(printed: State, command: PrintCertificate) -> Sequence[Event]:
    if printed is not None:
        raise Refused(
            "already_printed",
            "该证照已在自助终端打印过；如需再次打印，请到综合窗口。",
            "This certificate has been printed at a kiosk before; please come to the counter for another print.",
        )
    return [CertificatePrinted(certificate=command.certificate, kiosk=command.kiosk, printed_at=command.now)]


def evolve(printed: State, event: Event) -> State:
    return event if isinstance(event, CertificatePrinted) else printed


PRINTING: Aggregate[State, PrintCertificate] = Aggregate("printing", None, decide, evolve)
