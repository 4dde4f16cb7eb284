"""Whether an attack was held: nothing of the others has changed, nothing came into their accounts that its login may
not send, and it holds nothing that it is not given. What it did to itself is its own affair, and mended afterwards."""

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nats.aio.msg import Msg

from shared.contracts.member import KeyFeed
from shared.messaging.broker import inbox_of
from tests.road import broker
from tests.road.attacker import Attacker
from tests.road.attacks import EXHAUSTS, Attack
from tests.road.broker import Broker, Login, ask


@dataclass(frozen=True)
class Verdict:
    kind: str
    attack: str
    who: str
    answers: tuple[str, ...]
    breaches: tuple[str, ...]


async def tried(road: Broker, attack: Attack, name: str) -> Verdict:
    """One attack by one login, in the midst of the others' work."""
    login = road.logins[name]
    attacker = Attacker(road, login)
    await broker.forget(road)
    before = await broker.state(road)
    await broker.flush(road)
    await broker.forget(road)
    await attack.run(attacker)
    await broker.flush(road)
    breaches = list(_came_in(road, attacker))
    after = await broker.state(road)
    breaches += _changed(broker.of_others(before, login), broker.of_others(after, login))
    await _others_work(road, attacker)
    breaches += await _holds(road, attacker)
    if attack.kind == EXHAUSTS:
        breaches += await _hinders(road, attacker)
    answers = tuple(dict.fromkeys(attacker.answers))
    is_other = broker.of_one(before, login) != broker.of_one(after, login)
    if is_other or not login.client.is_connected or login.client._subs.keys() - {1}:
        await mend(road, login)
    return Verdict(attack.kind, attack.name, name, answers, tuple(breaches))


def _changed(before: broker.State, after: broker.State) -> Iterator[str]:
    for name in before.keys() | after.keys():
        if before.get(name) != after.get(name):
            yield f"{name} was {before.get(name)} and is {after.get(name)}"


def _came_in(road: Broker, x: Attacker) -> Iterator[str]:
    for login in road.logins.values():
        if login is not x.login:
            for message in login.seen:
                if _is_late(road, login, message):
                    continue
                if not _may_come(x, login, message.subject) and not _is_its_delivery(x, message):
                    yield f"in the account of {login.name}: {message.subject} {message.data[:40]!r}"
                if _is_forged(message):
                    yield f"in the account of {login.name}: forged {message.subject}"


def _is_late(road: Broker, login: Login, message: Msg) -> bool:
    """The end of a request that this login itself left open a while ago."""
    return not message.data and road.inboxes.get(message.subject) == login.name


def _is_forged(message: Msg) -> bool:
    return message.data.startswith(b"forged") or b"Forged" in message.subject.encode()


def _may_come(x: Attacker, into: Login, subject: str) -> bool:
    """What the login is entitled to send there, and what the server makes of it."""
    me, owner = x.me, into.member
    streams = [feed.jetstream for feed in road_feeds(x, into)]
    streams += [KeyFeed(owner).jetstream] if streams else []
    allowed = [
        r"\$JS\.EVENT\.ADVISORY\..*",
        r"_R_\..*",
        rf"heads\.{me}" if me in x.broker.catalogue.neighbours_of(owner) else r"(?!)",
        *(rf"heads\.{feed.full_name}" for feed in x.broker.catalogue.given_to(owner) if feed.member == me),
        r"_INBOX\..*",  # the watchers'
        rf"ledger\.{owner}" if me in x.broker.catalogue.members else r"(?!)",
        rf"known\.{owner}\.{me}" if owner in x.broker.catalogue.witnesses_of(me) else r"(?!)",
        *(rf"history\.{feed.full_name}" for feed in road_feeds(x, into)),
        rf"keysfor\.{owner}\.{me}" if streams else r"(?!)",
        *(rf"\$JS\.API\.CONSUMER\.(INFO|MSG\.NEXT)\.{stream}\.{me.dashed}" for stream in streams),
        *(rf"\$JS\.ACK\.[^.]+\.[^.]+\.{stream}\.{me.dashed}\..*" for stream in streams),
    ]
    return any(re.fullmatch(pattern, subject) for pattern in allowed)


def _is_its_delivery(x: Attacker, message: Msg) -> bool:
    """What the server sends to the attacker's own durable, seen on its way out; and a question that it may ask, asked
    by a consumer of its own stream: the answer goes to that consumer, which acknowledgements of this form name."""
    given = x.broker.catalogue.given_to(x.me)
    streams = {feed.jetstream for feed in given} | {KeyFeed(feed.member).jetstream for feed in given}
    for name in streams:
        if re.fullmatch(rf"\$JS\.ACK\..*\.{name}\.{x.me.dashed}\..*", message.reply):
            return True
    own = rf"\$JS\.ACK\.[^.]+\.[^.]+\.{x.own_stream}\.attack.*"
    is_question = message.subject.startswith(f"events.{x.me}.") and re.fullmatch(own, message.reply)
    return bool(is_question or re.fullmatch(own, message.subject))


def road_feeds(x: Attacker, into: Login) -> list[Any]:
    """What this account gives the attacker."""
    return [feed for feed in x.broker.catalogue.given_to(x.me) if feed.member == into.member]


async def _others_work(road: Broker, x: Attacker) -> None:
    """What might be drunk: an event, heads, an answer on its way into an inbox."""
    for login in {x.provider.name: x.provider, x.foreign.member.dashed: road.logins[x.foreign.member.dashed]}.values():
        feed = x.given if x.given.member == login.member else road.catalogue.feeds_of(login.member)[0]
        await broker.publish(login, feed, 99)
        for name in (str(login.member), *(one.full_name for one in road.catalogue.feeds_of(login.member))):
            await login.client.publish(f"heads.{name}", b'{"secret_of": "nobody"}')
        neighbour = next(one for one in road.members if one is not login and one is not x.login)
        await ask(login.client, f"ledger.{neighbour.member}")
    await broker.flush(road)


async def _holds(road: Broker, x: Attacker) -> list[str]:
    """What lies in its own streams and came to its subscriptions."""
    held = []
    names = await ask(x.login.watcher, "$JS.API.STREAM.NAMES") if x.own else {}
    known = {feed.jetstream for feed in road.catalogue.feeds_of(x.me)} | {KeyFeed(x.me).jetstream}
    for name in names.get("streams") or []:
        if name not in known:
            held.append(f"a stream {name} of its own making")
        info = await ask(x.login.watcher, f"$JS.API.STREAM.INFO.{name}", {"subjects_filter": ">"})
        held += (
            f"{subject} in its stream {name}"
            for subject in info["state"].get("subjects") or {}
            if not _is_its_own(x, subject) and subject not in _heads(x)
        )
    given = list(road.catalogue.given_to(x.me))
    for message in x.login.came:
        if message.subject.startswith("events.") and not any(
            message.subject.startswith(feed.subject[:-1]) for feed in given
        ):
            held.append(f"an event {message.subject}")
        if message.subject.startswith("keys.") and f".{x.me.dashed}." not in message.subject:
            held.append(f"a key for another reader {message.subject}")
        if message.subject.startswith("heads.") and message.subject not in _heads(x):
            held.append(f"a head {message.subject}")
        if not _may_be_told(x, message):
            held.append(f"{message.subject}: {message.data[:60]!r}")
    return held


def _is_its_own(x: Attacker, subject: str) -> bool:
    named = [f"{kind}.{x.me}" for kind in ("events", "history", "ledger", "known", "heads", "keys", "keysfor")]
    own = (*named, f"{inbox_of(x.me)}.", "_INBOX.", "$JS.")
    given = x.broker.catalogue.given_to(x.me)
    asked = [f"history.{feed.full_name}" for feed in given]
    asked += [KeyFeed(feed.member).asked_by(x.me) for feed in given]
    return (
        subject.startswith((*own, "JS.", "ledger."))
        or re.fullmatch(rf"known\..*\.{x.me}", subject) is not None
        or subject in asked
        or subject.startswith("evil.")
    )


def _heads(x: Attacker) -> list[str]:
    """Those of what it is given and, of a department, of those that it witnesses."""
    catalogue = x.broker.catalogue
    members = catalogue.neighbours_of(x.me) if x.me in catalogue.members else ()
    return [f"heads.{one}" for one in (*(feed.full_name for feed in catalogue.given_to(x.me)), *members)]


def _may_be_told(x: Attacker, message: Msg) -> bool:
    """Answers it may have: a ledger's, the history of what it is given, what others know of its own."""
    try:
        told = json.loads(message.data or b"{}")
    except ValueError:
        return True
    asked = told.get("asked", "") if isinstance(told, dict) else ""
    if asked.startswith("history."):
        return asked in [f"history.{feed.full_name}" for feed in x.broker.catalogue.given_to(x.me)]
    if asked.startswith(("known.", "keysfor.")):
        return asked.endswith(f".{x.me}")
    return not asked.startswith("ledger.") or x.me in x.broker.catalogue.members


async def _hinders(road: Broker, x: Attacker) -> list[str]:
    """The others store, read and come in as before."""
    hindered = []
    for login in [road.logins[one.dashed] for one in (*road.catalogue.members, *road.catalogue.integrators)]:
        if login is x.login:
            continue
        try:
            async with asyncio.timeout(3):
                await _works(road, login)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is hindered
            hindered.append(f"{login.name} is hindered: {type(error).__name__} {error}")
    return hindered


async def _works(road: Broker, login: Login) -> None:
    another = await road.client(login.name, inbox_prefix=inbox_of(login.member).encode())
    await another.close()
    for feed in road.catalogue.feeds_of(login.member)[:1]:
        stored = await broker.publish(login, feed, 100)
        assert "error" not in stored, stored
        stored = await _in_a_batch(login, feed.subject_of("x.Batch"))
        assert "error" not in stored, stored
    reading = Attacker(road, login)
    await reading.ask(
        f"{reading.api()}.CONSUMER.MSG.NEXT.{reading.given.jetstream}.{login.name}", {"batch": 1, "expires": int(1e9)}
    )


async def _in_a_batch(login: Login, subject: str) -> dict[str, Any]:
    batch = f"honest-{login.name}-{asyncio.get_running_loop().time()}"
    headers = {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": "1"}
    await login.client.request(subject, b"{}", timeout=2, headers=headers)
    headers = {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": "2", "Nats-Batch-Commit": "1"}
    answer: dict[str, Any] = json.loads((await login.client.request(subject, b"{}", timeout=2, headers=headers)).data)
    return answer


async def mend(road: Broker, login: Login) -> None:
    """Its own streams are laid anew, its connection too, should it have been thrown out."""
    known = {feed.jetstream: feed for feed in road.catalogue.feeds_of(login.member)}
    if known:
        for name in (await ask(login.watcher, "$JS.API.STREAM.NAMES")).get("streams") or []:
            await ask(login.watcher, f"$JS.API.STREAM.DELETE.{name}")
    await login.client.close()
    await login.watcher.close()
    fresh = await road.connect(login.member)
    for feed in known.values():
        await broker.lay(road, fresh, feed)
        await broker.publish(fresh, feed, 1)
    if known:
        await broker.lay_keys(road, fresh)
        await broker.answering(road, fresh)
