"""A member can do all that its engine needs by its account, and nothing that is another's."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import bcrypt
import nats
import nats.errors
import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from deploy.embedded.nats import Nats
from deploy.embedded.ports import free_port
from deploy.road import file, limits
from deploy.road.accounts import Accounts, accounts, bare, logins
from deploy.road.changes import changes
from deploy.road.check import checked
from deploy.road.passwords import hashing
from deploy.sharing import SHARING_FILE
from shared.contracts.catalogue import CONTRACTS
from shared.contracts.errors import Misconfigured
from shared.contracts.sharing import Catalogue, read_catalogue
from shared.eventstore.aggregate import Context
from tests import sample
from tests.databases import Databases
from tests.until import until

PASSWORD = "a-password-of-more-than-24-characters"  # of everybody here


def catalogue(directory: Path, **other: object) -> Catalogue:
    """Harbour gives customs its ships; customs gives nobody its inspections."""
    told: dict[str, object] = {
        "members": ["harbour", "customs"],
        "feeds": {
            "harbour.ships": {"attribute": "conditional", "basis": "sample", "subscribers": ["customs"]},
            "customs.inspections": {"attribute": "not_shared", "basis": "sample"},
        },
    }
    path = directory / "sharing.yaml"
    path.write_text(yaml.safe_dump(told | other))
    return read_catalogue(path, sample.CONTRACTS)


def made(directory: Path, **other: object) -> Accounts:
    return accounts(catalogue(directory, **other), hashing(lambda _: PASSWORD))


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Nats]:
    home = tmp_path_factory.mktemp("nats")
    running = Nats(home, free_port(), accounts_file=file.write(home, made(home)))
    await running.start()
    yield running
    await running.stop()


def url(server: Nats, login: str) -> str:
    return server.url(login, PASSWORD)


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
            sample.HARBOUR_SERVICE, one, tmp_path, url(server, "local-harbour"), ledger_key=Ed25519PrivateKey.generate()
        ) as harbour,
    ):
        await harbour.store.execute("ship-early", sample.SHIP, sample.Arrive(5), Context())
        await until(lambda: harbour.client.is_connected, what="harbour is on the road")
        # a newcomer asks for the history first, then follows live
        async with sample.engine(sample.CUSTOMS_SERVICE, other, tmp_path, url(server, "local-customs")) as customs:
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
    ("local-customs", "heads.local.harbour.ships"),
    ("local-customs", "ledger.local.customs"),
    ("local-customs", "$JS.API.STREAM.PURGE.local-customs-inspections"),  # not even one's own
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

        return await nats.connect(
            url(server, department), inbox_prefix=f"_INBOX_{department}", error_cb=note, allow_reconnect=False
        )


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


async def test_the_operators_come_in_and_hold_no_streams(server: Nats) -> None:
    async with await nats.connect(url(server, "sys"), allow_reconnect=False) as client:
        answer = await client.request("$SYS.REQ.SERVER.PING", b"", timeout=5)
    assert json.loads(answer.data)["server"]["jetstream"] is True


def test_the_file_holds_no_password(tmp_path: Path) -> None:
    text = file.write(tmp_path, made(tmp_path)).read_text()
    assert PASSWORD not in text
    assert "$2a$04$" in text


def test_the_same_catalogue_makes_the_same_file(tmp_path: Path) -> None:
    assert file.text(made(tmp_path)) == file.text(made(tmp_path))


def test_a_hash_is_of_its_password_and_of_no_other() -> None:
    hashed = hashing(lambda login: f"{PASSWORD}-of-{login}")
    assert bcrypt.checkpw(f"{PASSWORD}-of-a".encode(), hashed("a").encode())
    assert not bcrypt.checkpw(f"{PASSWORD}-of-b".encode(), hashed("a").encode())
    assert hashing(lambda _: PASSWORD)("a") != hashing(lambda _: PASSWORD)("b")


@pytest.mark.parametrize("password", ["short", "x" * 73])
def test_a_password_too_short_or_too_long_is_refused(password: str) -> None:
    with pytest.raises(Misconfigured):
        hashing(lambda _: password)("local-harbour")


@pytest.mark.parametrize(
    "other",
    [
        {"members": ["harbour"]},  # gives to somebody who is not there
        {"members": []},
        {"feeds": {}},
        {"integrators": ["bank"]},  # is given nothing
        {"members": ["harbour"], "integrators": ["customs"]},  # publishes
    ],
)
def test_what_has_no_effect_is_refused(tmp_path: Path, other: dict[str, object]) -> None:
    with pytest.raises(Misconfigured):
        checked(catalogue(tmp_path, **other))


def test_the_quotas_together_are_within_the_servers(tmp_path: Path) -> None:
    assert limits.store(1) == limits.MOST_STORE
    assert all(limits.store(members) * members <= limits.STORE for members in range(1, 200))


def test_a_new_account_comes_without_sharing_first(tmp_path: Path) -> None:
    now = made(tmp_path)
    feeds = {
        "harbour.ships": {"attribute": "conditional", "basis": "sample", "subscribers": ["customs", "bank"]},
        "customs.inspections": {"attribute": "not_shared", "basis": "sample"},
    }
    wanted = made(tmp_path, integrators=["bank"], feeds=feeds)
    first = bare(now, wanted)
    assert first["local-harbour"] == now["local-harbour"]
    assert "imports" not in first["local-bank"]
    assert first["local-bank"]["users"] == wanted["local-bank"]["users"]
    told = changes(now, wanted)
    assert "account local-bank: new" in told
    assert "account local-harbour: exports history.local.harbour.ships to local-bank as well" in told
    assert not any("customs:" in sentence for sentence in told)
    assert changes(wanted, wanted) == []


def test_an_integrator_says_nothing_and_stores_nothing(tmp_path: Path) -> None:
    feeds = {"harbour.ships": {"attribute": "conditional", "basis": "sample", "subscribers": ["customs", "bank"]}}
    bank = made(tmp_path, integrators=["bank"], feeds=feeds)["local-bank"]
    assert "jetstream" not in bank
    assert "exports" not in bank
    assert bank["users"][0]["permissions"]["publish"]["allow"] == [
        "JS.local-harbour.API.CONSUMER.INFO.local-harbour-ships.local-bank",
        "JS.local-harbour.API.CONSUMER.MSG.NEXT.local-harbour-ships.local-bank",
        "$JS.ACK.*.*.local-harbour-ships.local-bank.>",
        "history.local.harbour.ships",
        "JS.local-harbour.API.CONSUMER.INFO.local-harbour-KEYS.local-bank",
        "JS.local-harbour.API.CONSUMER.MSG.NEXT.local-harbour-KEYS.local-bank",
        "$JS.ACK.*.*.local-harbour-KEYS.local-bank.>",
        "keysfor.local.harbour.local.bank",
    ]


def test_an_integrator_hears_heads_of_what_it_is_given_only(tmp_path: Path) -> None:
    feeds = {"harbour.ships": {"attribute": "conditional", "basis": "sample", "subscribers": ["customs", "bank"]}}
    wanted = made(tmp_path, integrators=["bank"], feeds=feeds)
    heard = [one["stream"]["subject"] for one in wanted["local-bank"]["imports"] if "stream" in one]
    assert heard == ["heads.local.harbour.ships"]
    told = {one["stream"]: one["accounts"] for one in wanted["local-harbour"]["exports"] if "stream" in one}
    assert told == {
        "heads.local.harbour": ["local-customs"],
        "heads.local.harbour.ships": ["local-customs", "local-bank"],
    }


def test_the_shipped_catalogue_makes_accounts(tmp_path: Path) -> None:
    shipped = checked(read_catalogue(SHARING_FILE, CONTRACTS))
    assert set(accounts(shipped, hashing(lambda _: PASSWORD))) == {"SYS", *logins(shipped)} - {"sys"}
