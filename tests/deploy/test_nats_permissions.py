"""A department's NATS user can do all that its engine needs, and nothing that is another's."""

from collections.abc import AsyncIterator
from pathlib import Path

import nats
import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from deploy.embedded.nats import Nats
from deploy.embedded.ports import free_port
from deploy.nats_permissions import SHARING_FILE, configuration, nats_users
from shared.contracts.catalogue import CONTRACTS
from shared.contracts.sharing import read_catalogue
from shared.eventstore.aggregate import Context
from tests import sample
from tests.databases import Databases
from tests.until import until

PASSWORD = "a-password"  # of every user here


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Nats]:
    """Its users: harbour gives customs its ships; customs gives nobody its inspections."""
    home = tmp_path_factory.mktemp("nats")
    sharing = home / "sharing.yaml"
    sharing.write_text(
        yaml.safe_dump(
            {
                "members": ["harbour", "customs"],
                "feeds": {
                    "harbour.ships": {"attribute": "conditional", "basis": "sample", "subscribers": ["customs"]},
                    "customs.inspections": {"attribute": "not_shared", "basis": "sample"},
                },
            }
        )
    )
    catalogue = read_catalogue(sharing, sample.CONTRACTS)
    running = Nats(home, free_port(), users=nats_users(catalogue, lambda _: PASSWORD))
    await running.start()
    yield running
    await running.stop()


def violations(server: Nats) -> list[str]:
    return [line for line in server.log_tail(10_000).splitlines() if "Violation" in line]


async def test_departments_do_all_they_need_and_overstep_nothing(
    server: Nats, databases: Databases, tmp_path: Path
) -> None:
    before = violations(server)
    async with (
        databases.fresh() as one,
        databases.fresh() as other,
        sample.engine(
            sample.HARBOUR_SERVICE, one, tmp_path, server.url("local-harbour"), ledger_key=Ed25519PrivateKey.generate()
        ) as harbour,
    ):
        await harbour.store.execute("ship-early", sample.SHIP, sample.Arrive(5), Context())
        await until(lambda: harbour.client.is_connected, what="harbour is on the road")
        # a newcomer asks for the history first, then follows live
        async with sample.engine(sample.CUSTOMS_SERVICE, other, tmp_path, server.url("local-customs")) as customs:
            await until(lambda: customs.subscriptions["local.harbour.ships"].checkpoint == 1, what="history arrived")
            await harbour.store.execute("ship-early", sample.SHIP, sample.Unload(3), Context())
            inspected = "select count(*) from log where feed = 'customs.inspections'"
            await until(lambda: customs.pool.fetchval(inspected), what="the reaction's event is numbered")
            await until(lambda: is_acknowledged(harbour.client), what="the durable's messages are acknowledged")
            witnessed = "select size from witnessed where department = 'local.harbour'"
            await until(lambda: customs.pool.fetchval(witnessed), what="the ledger is witnessed")
    assert violations(server) == before


async def is_acknowledged(harbour: Client) -> bool:
    info = await harbour.jetstream().consumer_info("local-harbour-ships", "local-customs")
    return info.num_ack_pending == 0 and info.ack_floor is not None and info.ack_floor.stream_seq == 2


FOREIGN_PUBLISH = [
    ("local-customs", "events.local.harbour.ships.ShipArrived"),  # forge another's event
    ("local-customs", "heads.local.harbour"),
    ("local-customs", "ledger.local.customs"),
    ("local-customs", "$JS.API.STREAM.DELETE.local-customs-inspections"),  # not even one's own
    ("local-customs", "$JS.API.STREAM.PURGE.local-harbour-ships"),
    ("local-customs", "$JS.API.STREAM.UPDATE.local-harbour-ships"),
    ("local-customs", "$JS.API.STREAM.MSG.GET.local-harbour-ships"),
    ("local-customs", "$JS.API.STREAM.CREATE.mirror"),
    ("local-customs", "$JS.API.CONSUMER.DURABLE.CREATE.local-harbour-ships.mine"),
    ("local-customs", "$JS.API.CONSUMER.CREATE.local-harbour-ships"),
    ("local-customs", "$JS.API.CONSUMER.MSG.NEXT.local-harbour-ships.other"),
    ("local-customs", "_INBOX_local-harbour.unasked.1"),
    ("local-harbour", "$JS.API.CONSUMER.MSG.NEXT.local-customs-inspections.local-harbour"),  # a feed it is not given
    ("local-harbour", "$JS.API.CONSUMER.MSG.NEXT.local-customs-inspections.local-customs"),
    ("local-harbour", "$JS.ACK.local-customs-inspections.local-harbour.1.1.1.1.0"),
    ("local-harbour", "$JS.ACK.hub.hash.local-customs-inspections.local-harbour.1.1.1.1.0.x"),
    ("local-harbour", "history.local.customs.inspections"),
    ("local-harbour", "$SYS.REQ.SERVER.PING"),
]
FOREIGN_SUBSCRIBE = [
    ("local-customs", "events.>"),
    ("local-customs", "events.local.harbour.>"),
    ("local-customs", "history.local.harbour.ships"),  # answer in another's name
    ("local-customs", "ledger.local.harbour"),
    ("local-customs", "ledger.*"),
    ("local-customs", "_INBOX_local-harbour.>"),
    ("local-customs", "_INBOX.>"),
    ("local-customs", ">"),
    ("local-harbour", "$JS.>"),
]


class Refusals:
    """A department's client, and what the server refused it."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def connect(self, server: Nats, department: str) -> Client:
        async def note(error: Exception) -> None:
            self.seen.append(str(error).lower())

        url = server.url(department)
        return await nats.connect(url, inbox_prefix=f"_INBOX_{department}", error_cb=note, allow_reconnect=False)


@pytest.mark.parametrize(("department", "subject"), FOREIGN_PUBLISH)
async def test_what_is_anothers_cannot_be_published_to(server: Nats, department: str, subject: str) -> None:
    refusals = Refusals()
    async with await refusals.connect(server, department) as client:
        await client.publish(subject, b"{}", reply=client.new_inbox())
        await until(lambda: refusals.seen, what="a refusal")
    assert f'permissions violation for publish to "{subject.lower()}"' in refusals.seen[0]


@pytest.mark.parametrize(("department", "subject"), FOREIGN_SUBSCRIBE)
async def test_what_is_anothers_cannot_be_listened_to(server: Nats, department: str, subject: str) -> None:
    refusals = Refusals()
    async with await refusals.connect(server, department) as client:
        await client.subscribe(subject)
        await until(lambda: refusals.seen, what="a refusal")
    assert f'permissions violation for subscription to "{subject.lower()}"' in refusals.seen[0]


async def test_a_question_may_be_answered_once(server: Nats) -> None:
    refusals = Refusals()
    async with (
        await refusals.connect(server, "local-harbour") as harbour,
        await Refusals().connect(server, "local-customs") as customs,
    ):
        questions = await harbour.subscribe("history.local.harbour.ships")
        await harbour.flush()

        async def asked() -> tuple[Msg, Subscription] | None:
            answers = await customs.subscribe(inbox := customs.new_inbox())
            await customs.publish("history.local.harbour.ships", b"{}", reply=inbox)
            try:
                return await questions.next_msg(timeout=2), answers
            except nats.errors.TimeoutError:
                return None

        question, answers = await until(asked, what="a question has come")
        await question.respond(b"an answer")
        assert (await answers.next_msg(timeout=30)).data == b"an answer"
        await question.respond(b"a second answer")
        await until(lambda: refusals.seen, what="a refusal")


def test_the_composed_broker_has_the_same_users() -> None:
    users = (SHARING_FILE.parent / "nats" / "users.conf").read_text("utf-8")
    assert users == configuration(read_catalogue(SHARING_FILE, CONTRACTS)), (
        "run: python -m deploy.nats_permissions > deploy/nats/users.conf"
    )
