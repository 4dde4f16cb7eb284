"""Which events people are told about, and how a notice gets its number. Pure."""

from collections.abc import Iterator
from uuid import uuid5

from services.notification import (
    about_applications,
    about_cases,
    about_certificates,
    about_erasures,
    about_insurance,
    about_mandates,
)
from services.notification.about_applications import about_application
from services.notification.about_cases import about_case
from services.notification.about_certificates import about_certificate
from services.notification.about_erasures import about_erasure
from services.notification.about_insurance import about_cover
from services.notification.about_mandates import about_mandate
from services.notification.domain.notice import NOTICE, DeliverNotice
from services.notification.told import Told, told
from shared.contracts.event import Event, Recorded
from shared.contracts.identity import AccountRestored, CitizenRegistered
from shared.eventstore.aggregate import Instruction
from shared.messaging.reaction import Reaction


def tell(cause: Recorded) -> Iterator[Instruction]:
    """The first notice of an event bears the event's id; each further one an id that follows from its recipient."""
    for nth, one in enumerate(_about(cause.data)):
        id = cause.id if nth == 0 else uuid5(cause.id, str(one.recipient))
        command = DeliverNotice(id, one.recipient, one.template, one.facts, cause.stream, one.at, one.ward)
        yield Instruction(NOTICE, str(id), command)


def _about(event: Event) -> Iterator[Told]:
    match event:
        case CitizenRegistered():
            yield told(event.citizen, "welcome", event.registered_at, name=event.name)
        case AccountRestored():
            yield told(event.citizen, "death_record_withdrawn", event.restored_at)
        case _:
            yield from about_application(event)
            yield from about_certificate(event)
            yield from about_cover(event)
            yield from about_case(event)
            yield from about_mandate(event)
            yield from about_erasure(event)


TELL = Reaction(
    "tell",
    tuple(
        dict.fromkeys(
            (
                CitizenRegistered,
                AccountRestored,
                *about_applications.EVENTS,
                *about_certificates.EVENTS,
                *about_insurance.EVENTS,
                *about_cases.EVENTS,
                *about_mandates.EVENTS,
                *about_erasures.EVENTS,
            )
        )
    ),
    tell,
)
