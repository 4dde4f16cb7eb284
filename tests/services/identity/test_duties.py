"""What identity's leader does without being asked over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.identity.domain.marriage import MARRIAGE
from services.identity.domain.person import PERSON, RecordDeath
from services.identity.marriages import Marriages
from services.identity.service import SERVICE
from shared.contracts.identity import IdentityItemDone
from shared.eventstore.aggregate import Context
from shared.standards.id_number import IdNumber
from tests.services.identity.examples import NOW
from tests.services.identity.office import Office, office
from tests.services.identity.test_births import DAY, ask, last, parents, requested
from tests.until import until


@pytest.fixture
async def led(database: DepartmentDatabase, signing_key_file: Path) -> AsyncIterator[Office]:
    async with office(database, signing_key_file, SERVICE) as running:
        yield running


async def test_it_enters_what_a_case_asks_for(led: Office) -> None:
    request = requested(await parents(led))
    await ask(led, request)

    async def is_done() -> bool:
        return isinstance(await last(led, request.case), IdentityItemDone)

    await until(is_done, what="the newborn is entered")


async def test_it_ends_the_marriage_of_whoever_died(led: Office) -> None:
    of = await parents(led)
    marriages = Marriages(led.household)
    couple = await marriages.couple(IdNumber(of["father_id_number"]), IdNumber(of["mother_id_number"]))
    done = await marriages.record(couple, "J130123-2021-000520", DAY, NOW, Context())
    husband = couple.husband.person
    await led.store.execute(PERSON.stream(husband), PERSON, RecordDeath(DAY, NOW), Context())

    async def is_over() -> bool:
        return await marriages.of(husband) is None

    await until(is_over, what="the marriage is over")
    assert await led.types_of(done.stream) == ["MarriageRecorded", "MarriageEnded"]
    assert done.stream.startswith(MARRIAGE.name)
