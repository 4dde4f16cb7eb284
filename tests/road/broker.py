"""A broker with the accounts of the shipped catalogue and a bank, as their owners would have them: streams declared,
events published, history and ledger answered. Beside each login stands a watcher, who sees all of its account."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import nats
import yaml
from nats.aio.client import Client
from nats.aio.msg import Msg

from deploy.embedded.nats import Nats
from deploy.embedded.ports import free_port
from deploy.road import file
from deploy.road.accounts import Accounts, accounts, logins
from deploy.road.passwords import hashing
from deploy.sharing import SHARING_FILE
from shared.contracts.catalogue import CONTRACTS
from shared.contracts.member import KeyFeed, Member, MemberFeed
from shared.contracts.sharing import Catalogue, read_catalogue
from shared.messaging.broker import close, inbox_of
from shared.messaging.topology_config import consumer_wanted, durable_wanted, keys_wanted, stream_wanted

PASSWORD = "a-random-text-of-more-than-32-characters"
WATCHER = "watcher-of-"
BANK = "bank"
GIVEN_TO_BANK = ("certificates.lifecycle", "certificates.seals")
EVENTS = 8  # in each stream
KEYS = 3  # for each reader
QUOTA = 4 * 1024**2  # bytes of a member's streams: small enough to be filled here
CONSUMERS = 60


@dataclass
class Login:
    """Someone with credentials, and what the server refused them."""

    member: Member
    client: Client
    watcher: Client  # in the same account, may do anything there
    seen: list[Msg] = field(default_factory=list)  # by the watcher
    refused: list[str] = field(default_factory=list)
    came: list[Msg] = field(default_factory=list)  # into its own inbox

    @property
    def name(self) -> str:
        return self.member.dashed


class Broker:
    """`async with broker(...)`"""

    def __init__(self, server: Nats, catalogue: Catalogue) -> None:
        self.server = server
        self.catalogue = catalogue
        self.logins: dict[str, Login] = {}
        self.inboxes: dict[str, str] = {}  # who asked with this reply subject
        self.asked: list[tuple[str, bytes]] = []  # questions for history, ledgers and what is known that were answered

    @property
    def members(self) -> list[Login]:
        return [self.logins[one.dashed] for one in self.catalogue.members]

    def feeds(self) -> list[MemberFeed]:
        return [feed for member in self.catalogue.members for feed in self.catalogue.feeds_of(member)]

    async def connect(self, member: Member) -> Login:
        refused: list[str] = []

        async def note(error: Exception) -> None:
            refused.append(str(error))

        # the same inbox as a department's
        client = await self.client(member.dashed, inbox_prefix=inbox_of(member).encode(), error_cb=note)
        watcher = await self.client(WATCHER + member.dashed)
        login = Login(member, client, watcher, refused=refused)

        async def see(message: Msg) -> None:
            login.seen.append(message)

        async def take(message: Msg) -> None:
            login.came.append(message)

        await watcher.subscribe(">", cb=see)
        await client.subscribe(f"{inbox_of(member)}.attack.>", cb=take)
        await client.flush()
        await watcher.flush()
        self.logins[member.dashed] = login
        return login

    async def client(self, user: str, password: str = PASSWORD, **options: Any) -> Client:
        return await nats.connect(self.server.url(user, password), allow_reconnect=False, **options)

    async def close(self) -> None:
        for login in self.logins.values():
            await close(login.client)
            await close(login.watcher)


async def ask(client: Client, subject: str, question: Any = None, timeout: float = 5) -> dict[str, Any]:
    body = question if isinstance(question, bytes) else json.dumps(question or {}).encode()
    answer: dict[str, Any] = json.loads((await client.request(subject, body, timeout=timeout)).data)
    return answer


@asynccontextmanager
async def broker(home: Path, made: Accounts | None = None) -> AsyncIterator[Broker]:
    """`made`: other accounts than those of the generator."""
    catalogue = with_bank(home)
    if made is None:
        made = accounts(catalogue, hashing(lambda _: PASSWORD))
    for name, account in made.items():
        account["users"] = [*account["users"], {"user": WATCHER + name, "password": PASSWORD}]
        if "jetstream" in account:
            account["jetstream"] |= {"max_file": QUOTA, "max_consumers": CONSUMERS}
    server = Nats(home, free_port(), sync_interval="2m", accounts_file=file.write(home, made))
    await server.start()
    running = Broker(server, catalogue)
    try:
        for member in (*catalogue.members, *catalogue.integrators):
            await running.connect(member)
        for login in running.members:
            await _settle(running, login)
        yield running
    finally:
        await running.close()
        await server.stop()


def with_bank(home: Path) -> Catalogue:
    """The shipped catalogue, and an integrator that is given two feeds."""
    rows = yaml.safe_load(SHARING_FILE.read_text("utf-8"))
    rows["integrators"] = [*rows.get("integrators", []), BANK]
    for feed in GIVEN_TO_BANK:
        rows["feeds"][feed]["subscribers"] = [*rows["feeds"][feed].get("subscribers", []), BANK]
    path = home / "sharing.yaml"
    path.write_text(yaml.safe_dump(rows, allow_unicode=True), "utf-8")
    return read_catalogue(path, CONTRACTS)


def names(catalogue: Catalogue) -> list[str]:
    return [login for login in logins(catalogue) if login != "sys"]


async def _settle(running: Broker, login: Login) -> None:
    """What a department's keeper, relay and responders do, by its own login."""
    for feed in running.catalogue.feeds_of(login.member):
        await lay(running, login, feed)
        for number in range(EVENTS):
            await publish(login, feed, number)
    await lay_keys(running, login)
    await answering(running, login)


async def lay(running: Broker, login: Login, feed: MemberFeed) -> None:
    """Its stream and durables as they should be."""
    wanted = stream_wanted(feed, 1)
    answer = await ask(login.client, f"$JS.API.STREAM.UPDATE.{feed.jetstream}", wanted)
    if "error" in answer:
        answer = await ask(login.client, f"$JS.API.STREAM.CREATE.{feed.jetstream}", wanted)
    assert "error" not in answer, answer
    for subscriber in running.catalogue.subscribers(feed):
        question = {"stream_name": feed.jetstream, "config": consumer_wanted(feed, subscriber)}
        subject = f"$JS.API.CONSUMER.DURABLE.CREATE.{feed.jetstream}.{subscriber.dashed}"
        answer = await ask(login.client, subject, question)
        assert "error" not in answer, answer


async def lay_keys(running: Broker, login: Login) -> None:
    """The stream of its keys, with durables and a few messages for each reader, as its teller declares them."""
    feed = KeyFeed(login.member)
    readers = sorted(running.catalogue.readers_of(login.member))
    if not readers:
        return
    wanted = keys_wanted(feed, 1)
    answer = await ask(login.client, f"$JS.API.STREAM.UPDATE.{feed.jetstream}", wanted)
    if "error" in answer:
        answer = await ask(login.client, f"$JS.API.STREAM.CREATE.{feed.jetstream}", wanted)
    assert "error" not in answer, answer
    for reader in readers:
        question = {"stream_name": feed.jetstream, "config": durable_wanted(reader, feed.subject_for(reader))}
        subject = f"$JS.API.CONSUMER.DURABLE.CREATE.{feed.jetstream}.{reader.dashed}"
        answer = await ask(login.client, subject, question)
        assert "error" not in answer, answer
        for number in range(KEYS):
            told = {"secret_of": str(login.member), "for": str(reader)}
            answer = await ask(login.client, feed.subject_for(reader, f"abcdefghij{number}"), told)
            assert "error" not in answer, answer


async def publish(login: Login, feed: MemberFeed, number: int) -> dict[str, Any]:
    body = json.dumps({"secret_of": str(feed.member), "number": number}).encode()
    return await ask(login.client, feed.subject_of(f"x.{feed.events[0].__name__}"), body)


async def answering(running: Broker, login: Login) -> None:
    async def answer(message: Msg) -> None:
        running.asked.append((message.subject, message.data))
        if message.reply:
            await message.respond(json.dumps({"asked": message.subject}).encode())

    await login.client.subscribe(f"history.{login.member}.>", queue="answers", cb=answer)
    await login.client.subscribe(f"ledger.{login.member}", queue="answers", cb=answer)
    await login.client.subscribe(f"known.{login.member}.*.*", queue="answers", cb=answer)
    await login.client.subscribe(KeyFeed(login.member).asked_by_any, queue="answers", cb=answer)
    await login.client.flush()


State = Mapping[tuple[str, str], Any]


async def state(running: Broker) -> State:
    """Every stream and durable of every account, as the server's own page tells, by account and name."""
    async with httpx.AsyncClient(base_url=running.server.monitor_url) as monitor:
        asked = {"accounts": "true", "streams": "true", "consumers": "true", "config": "true"}
        told = (await monitor.get("/jsz", params=asked)).json()
    found: dict[tuple[str, str], Any] = {}
    for account in told["account_details"]:
        for stream in account.get("stream_detail") or []:
            of_it = stream["state"]
            found[account["name"], stream["name"]] = (stream["config"], of_it["messages"], of_it["last_seq"])
            for one in stream.get("consumer_detail") or []:
                parts = ("config", "delivered", "ack_floor", "num_ack_pending", "num_pending")
                found[account["name"], f"{stream['name']} {one['name']}"] = tuple(one.get(part) for part in parts)
    return found


def of_others(found: State, without: Login) -> State:
    """Without its own account, and without what it has read of the others."""
    return {
        (account, name): value
        for (account, name), value in found.items()
        if account != without.name and not name.endswith(f" {without.name}")
    }


def of_one(found: State, login: Login) -> State:
    return {(account, name): value for (account, name), value in found.items() if account == login.name}


async def flush(running: Broker) -> None:
    for _ in range(2):  # what the first brought about has been sent by the second
        for login in running.logins.values():
            if login.client.is_connected:
                await login.client.flush()
            await login.watcher.flush()
        await asyncio.sleep(0.02)


async def forget(running: Broker) -> None:
    for login in running.logins.values():
        login.seen.clear()
        login.came.clear()
        login.refused.clear()
