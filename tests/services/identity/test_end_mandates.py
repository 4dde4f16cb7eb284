"""A mandate ends with the death of a party, and with its last day."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from services.identity.domain.mandate import MANDATE, LapseMandate
from services.identity.domain.person import PERSON, RecordDeath
from services.identity.timers import LAPSE, LAPSING, lapse, schedule_lapsing
from services.identity.use_cases.end_mandates import EndMandates
from shared.contracts.event import Metadata, Recorded
from shared.eventstore.aggregate import Context
from shared.eventstore.timer import Cancel, DueTimer, Set
from shared.standards.shanghai import end_of
from tests.services.identity.examples import NOW, decided
from tests.services.identity.mandates import END_BY_MOTHER, GIVE, MANDATE_ID, UNTIL
from tests.services.identity.office import Office
from tests.services.identity.test_mandates_api import family


@pytest.mark.parametrize("who", ["mother", "son"])
async def test_a_death_ends_it(identity: Office, who: str) -> None:
    them = await family(identity)
    mandate = await them.given()
    await them.post(them.son, mandate, "accept")
    dead: UUID = getattr(them, who)
    command = RecordDeath(date(2023, 12, 24), datetime.now(UTC))
    await identity.store.execute(PERSON.stream(dead), PERSON, command, Context())
    sweep = EndMandates(identity.store, identity.department.engine.pool).sweep
    assert await sweep() == 1
    assert (await identity.types_of(f"mandate-{mandate}"))[-1] == "MandateEnded"
    assert await sweep() == 0


def recorded(event: object) -> Recorded:
    stream = f"mandate-{MANDATE_ID}"
    return Recorded(MANDATE_ID, stream, 1, "identity.X", event, Metadata(), NOW)  # type: ignore[arg-type]


def test_a_timer_stands_at_the_end_of_the_last_day() -> None:
    given, _ = decided(MANDATE, [], GIVE)
    assert list(schedule_lapsing(recorded(given))) == [Set(LAPSE, end_of(UNTIL))]
    assert type(given) in LAPSING.events


def test_one_that_is_over_lapses_no_more() -> None:
    events = decided(MANDATE, [], GIVE)
    [ended] = decided(MANDATE, events, END_BY_MOTHER)
    assert list(schedule_lapsing(recorded(ended))) == [Cancel(LAPSE)]


def test_a_due_timer_lapses_its_mandate() -> None:
    now = end_of(UNTIL) + timedelta(seconds=1)
    instruction = lapse(DueTimer(f"mandate-{MANDATE_ID}", LAPSE, end_of(UNTIL), now))
    assert (instruction.id, instruction.command) == (str(MANDATE_ID), LapseMandate(now))
