"""Bills settled into the store: the stream loaded, rules chosen, reckoned, appended, five read models written."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from benchmarks import departments
from benchmarks.figures import Aim, Case, Contender, Figure, Options, in_turns, ratio
from benchmarks.load import closed_loop
from benchmarks.peers.bare_inserts import bare_inserts
from benchmarks.servers import Servers
from deploy.sharing import SHARING_FILE
from services.insurance.directory import directory
from services.insurance.domain.claim import Claim
from services.insurance.domain.claims import SettleClaim
from services.insurance.domain.enrolment import EnrolPerson
from services.insurance.domain.insured import INSURED
from services.insurance.policies import policies
from services.insurance.service import SERVICE
from shared.contracts.catalogue import CONTRACTS
from shared.contracts.insurance import BilledItem, ClaimSettled
from shared.department.engine import Engine
from shared.eventstore.aggregate import Context
from shared.standards.id_number import IdNumber

BARE = "bare INSERTs"
WRITERS = 32
PEOPLE = 20  # a writer settles for these in turn, so that a year has a few stays, as years have
NOW = datetime(2023, 12, 24, 1, 0, tzinfo=UTC)
STAFF = UUID(int=1)
HOSPITAL = directory().hospital("12450100MC0000100A")
ITEMS = tuple(
    BilledItem.model_validate({"name": name, "category": "A", "selfpay_prop": "0", "overlimit": "0.00"} | amounts)
    for name, amounts in (
        ("手术费", {"amt": "213.33", "own": "0.00"}),
        ("药品费", {"amt": "80.00", "own": "0.00"}),
        ("护理费", {"amt": "28.00", "own": "28.00"}),
    )
)


async def run(servers: Servers, options: Options) -> AsyncIterator[Case]:
    async with AsyncExitStack() as stack:
        database, theirs = await servers.department(), await servers.department()
        engine = await stack.enter_async_context(
            Engine(
                SERVICE,
                database_url=database.app_url,
                database_owner_url=database.owner_url,
                nats_url=departments.NOWHERE,
                sharing_file=SHARING_FILE,
                contracts=CONTRACTS,
            )
        )
        await engine.start()
        people = await enrolled(engine)
        turns: Counter[int] = Counter()

        async def settle(writer: int) -> ClaimSettled:
            turns[writer] += 1
            stream = INSURED.stream(people[writer][turns[writer] % PEOPLE])
            number = uuid7().hex
            items = tuple(one.model_copy(update={"name": f"{one.name}{number}"}) for one in ITEMS)  # no double bill
            claim = Claim(number, date(2023, 7, 1), date(2023, 7, 5), items)
            command = SettleClaim(claim, HOSPITAL, policies(), directory(), STAFF, NOW)
            settled = (await engine.store.execute(stream, INSURED, command, Context())).events[0].data
            assert isinstance(settled, ClaimSettled)
            return settled

        insert = await stack.enter_async_context(
            bare_inserts(theirs.admin_url, WRITERS, (await settle(0)).model_dump_json())
        )

        async def ours() -> Figure:
            found = await closed_loop(WRITERS, options.seconds, settle)
            await departments.all_numbered(engine)
            return found

        lines = await in_turns(
            (
                Contender("ours", "ours", ours),
                Contender(BARE, "limit", lambda: closed_loop(WRITERS, options.seconds, insert)),
            ),
            options.rounds,
        )
    aims = (Aim(f"of {BARE}", ratio(lines, BARE), 0.05),)
    yield Case("claims", f"a bill of {len(ITEMS)} items, {WRITERS} writers", "settlements/s", lines, aims)


async def enrolled(engine: Engine) -> list[list[UUID]]:
    """By writer."""
    people = [[uuid7() for _ in range(PEOPLE)] for _ in range(WRITERS)]
    commands = (
        EnrolPerson(
            person=person,
            name="韦示例",
            id_number=IdNumber("450821194907049986"),
            insured_as="resident",
            region="450800000000",
            person_class="ordinary",
            insured_from=date(2023, 1, 1),
            enrolled_by=STAFF,
            now=NOW,
        )
        for some in people
        for person in some
    )
    async with asyncio.TaskGroup() as group:
        for command in commands:
            group.create_task(engine.store.execute(INSURED.stream(command.person), INSURED, command, Context()))
    return people
