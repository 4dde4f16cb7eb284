"""A mother, her son, and the mandate between them, for tests."""

from datetime import date, timedelta
from uuid import UUID

from services.identity.domain.mandate import (
    AcceptMandate,
    Addressee,
    DeclineMandate,
    EndByParty,
    GiveMandate,
    LapseMandate,
    Party,
)
from shared.contracts.event import Event
from shared.standards.id_number import IdNumber
from shared.standards.shanghai import end_of
from tests.services.identity.examples import MINUTE, NOW, WANG_ID, WANG_NUMBER

MANDATE_ID = UUID("00000000-0000-8000-8000-00000000000a")
SON_ID = UUID("00000000-0000-8000-8000-00000000000b")
PSEUDONYM = UUID("00000000-0000-8000-8000-00000000000c")
UNTIL = date(2024, 6, 30)

MOTHER = Party(WANG_ID, "王小明", WANG_NUMBER)
SON = Party(SON_ID, "李建国", IdNumber("11010519491231002X"))

GIVE = GiveMandate(
    MANDATE_ID,
    MOTHER,
    Addressee(SON.name, SON.id_number, PSEUDONYM),
    SON_ID,
    ("insurance.read", "certificates.apply"),
    UNTIL,
    NOW,
)
ACCEPT = AcceptMandate(SON, NOW + MINUTE)
DECLINE = DeclineMandate(SON, NOW + MINUTE)
END_BY_MOTHER = EndByParty(WANG_ID, NOW + 2 * MINUTE)
END_BY_SON = EndByParty(SON_ID, NOW + 2 * MINUTE)
LAPSE = LapseMandate(end_of(UNTIL))
TOO_EARLY = LapseMandate(end_of(UNTIL) - timedelta(seconds=1))


def types(events: list[Event]) -> list[str]:
    return [type(event).__name__ for event in events]
