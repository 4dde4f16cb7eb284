"""Two jurisdictions on one broker, each with an identity and an insurance of its own; one insurance hears both."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from deploy.embedded.nats import Nats
from deploy.secrets import new_signing_key, write_private
from services.insurance.service import SERVICE as INSURANCE_SERVICE
from shared.contracts.catalogue import CONTRACTS
from shared.contracts.identity import IDENTITY
from shared.contracts.insurance import INSURANCE
from tests.connected import connected
from tests.databases import Databases
from tests.department import Department, running
from tests.services.identity.office import Office, fresh_number, office
from tests.until import until

HEBEI, GUANGXI = "hebei", "guangxi"
BOTH = "[insurance, guangxi.insurance]"
OWN = {HEBEI: "[insurance]", GUANGXI: "[guangxi.insurance]"}
PEOPLE = "select feed, count(*) as events from inbox where feed like '%.people' group by feed order by feed"


@dataclass
class Province:
    identity: Office
    insurance: Department

    async def knows(self) -> dict[str, int]:
        """How many events of which register it has taken in."""
        return {row["feed"]: row["events"] for row in await self.insurance.engine.pool.fetch(PEOPLE)}


def catalogue() -> str:
    """Hebei's register is given to both insurances, Guangxi's to its own only."""
    rows = [f"jurisdiction: {HEBEI}", "members: [identity, insurance, guangxi.identity, guangxi.insurance]", "feeds:"]
    for jurisdiction in (HEBEI, GUANGXI):
        for feed in (*IDENTITY.feeds, *INSURANCE.feeds):
            given = OWN[jurisdiction] if feed.department == "identity" else "[]"
            if (jurisdiction, feed.name) == (HEBEI, "people"):
                given = BOTH
            rows.append(
                f"  {jurisdiction}.{feed.full_name}: {{attribute: conditional, basis: test, subscribers: {given}}}"
            )
    return "\n".join(rows)


@pytest.fixture
async def provinces(databases: Databases, own_nats: Nats, tmp_path: Path) -> AsyncIterator[dict[str, Province]]:
    sharing = tmp_path / "sharing.yaml"
    sharing.write_text(catalogue(), "utf-8")
    async with AsyncExitStack() as stack:
        started = {}
        for jurisdiction in (HEBEI, GUANGXI):
            home = tmp_path / jurisdiction
            home.mkdir()
            write_private(home / "signing-key.pem", new_signing_key())
            told: dict[str, Any] = {
                "sharing_file": sharing,
                "contracts": CONTRACTS,
                "jurisdiction": jurisdiction,
                "key_known": False,
            }
            identity = await stack.enter_async_context(
                office(
                    await stack.enter_async_context(databases.fresh()),
                    home / "signing-key.pem",
                    nats_url=own_nats.url(),
                    **told,
                )
            )
            insurance = await stack.enter_async_context(
                running(
                    INSURANCE_SERVICE,
                    await stack.enter_async_context(databases.fresh()),
                    own_nats.url(),
                    **told,
                )
            )
            started[jurisdiction] = Province(identity, insurance)
        yield started


def person(name: str) -> dict[str, str]:
    return {"name": name, "id_number": fresh_number(), "division": "130123100242", "address": "塔元庄村12号"}


async def test_one_insurance_hears_both_registers_the_other_its_own(provinces: dict[str, Province]) -> None:
    hebei, guangxi = provinces[HEBEI], provinces[GUANGXI]
    await hebei.identity.enter(person("安有例"))
    for name in ("韦样例", "覃样例"):
        await guangxi.identity.enter(person(name))
    both = {"guangxi.identity.people": 2, "hebei.identity.people": 1}

    async def hears_both() -> bool:
        return await guangxi.knows() == both

    await until(hears_both, what="Guangxi's insurance knows the people of both registers")
    assert await guangxi.insurance.engine.pool.fetchval("select count(*) from people") == 3
    await until(
        lambda: hebei.insurance.engine.subscriptions["hebei.identity.people"].checkpoint == 1, what="so does Hebei"
    )
    assert await hebei.knows() == {"hebei.identity.people": 1}
    assert "guangxi.identity.people" not in hebei.insurance.engine.subscriptions


async def test_every_name_on_the_wire_says_whose_it_is(provinces: dict[str, Province], own_nats: Nats) -> None:
    await provinces[GUANGXI].identity.enter(person("韦样例"))
    async with connected(own_nats.url()) as client:
        jetstream = client.jetstream()
        stream = "guangxi-identity-people"

        async def published() -> bool:
            names = {one.config.name for one in await jetstream.streams_info()}
            return stream in names and (await jetstream.stream_info(stream)).state.messages == 1

        await until(published, what="the event is in its province's stream")
        message = await jetstream.get_msg(stream, 1)
        event = orjson.loads(message.data or b"")
        assert message.subject == "events.guangxi.identity.people.PersonRegistered"
        assert event["source"] == "/jurisdictions/guangxi/departments/identity"
        assert event["feed"] == "guangxi.identity.people"
        durables = {one.name for one in await jetstream.consumers_info(stream)}
        assert durables == {"guangxi-insurance"}
        assert {one.name for one in await jetstream.consumers_info("hebei-identity-people")} == {
            "hebei-insurance",
            "guangxi-insurance",
        }
