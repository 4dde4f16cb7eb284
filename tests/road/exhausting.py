"""Attacks that use something up; afterwards the others still publish, read and come in."""

import json

import nats.errors

from shared.messaging.broker import close
from tests.road.attacker import Attacker
from tests.road.attacks import EXHAUSTS, attack
from tests.road.broker import CONSUMERS, QUOTA

MANY = 100


@attack(EXHAUSTS, "a message larger than any may be")
async def _(x: Attacker) -> None:
    client = await x.broker.client(x.me.dashed, error_cb=_silent)
    client._max_payload = 2**30  # the client would refuse it by itself
    try:
        await client.publish(x.own_subject, bytes(2 * 1024 * 1024))
        await client.flush(timeout=1)
        x.answers.append("let pass")
    except (TimeoutError, nats.errors.Error, OSError):
        x.answers.append("thrown out")
    await close(client)


@attack(EXHAUSTS, "fills the disk")
async def _(x: Attacker) -> None:
    large = bytes(256 * 1024)
    for _ in range(2 * QUOTA // len(large)):
        if await x.ask(x.own_subject, large) not in ("accepted",):
            break


@attack(EXHAUSTS, "a great many consumers")
async def _(x: Attacker) -> None:
    for number in range(CONSUMERS + 5):
        config = {"durable_name": f"attack{number}", "ack_policy": "none"}
        question = {"stream_name": x.own_stream, "config": config}
        answer = await x.ask(f"$JS.API.CONSUMER.DURABLE.CREATE.{x.own_stream}.attack{number}", question)
        if answer != "accepted":
            break


@attack(EXHAUSTS, "a great many connections")
async def _(x: Attacker) -> None:
    clients = []
    try:
        for _ in range(MANY):
            clients.append(await x.broker.client(x.me.dashed, error_cb=_silent, connect_timeout=1))  # noqa: PERF401
        x.answers.append("let in")
    except (nats.errors.Error, OSError):
        x.answers.append(f"{len(clients)} let in")
    x.answers.append("no more" if len(clients) < MANY else "all let in")
    for client in clients:
        await close(client)


@attack(EXHAUSTS, "a great many subscriptions")
async def _(x: Attacker) -> None:
    client = await x.broker.client(x.me.dashed, error_cb=_silent, inbox_prefix=f"_INBOX_{x.me.dashed}")
    try:
        for _ in range(2_500):
            await client.subscribe(client.new_inbox())
        await client.flush(timeout=2)
        x.answers.append("thrown out" if not client.is_connected else "let pass")
    except (TimeoutError, nats.errors.Error, OSError):
        x.answers.append("thrown out")
    await close(client)


@attack(EXHAUSTS, "requests left open, huge ones, long ones")
async def _(x: Attacker) -> None:
    nexts = f"{x.api()}.CONSUMER.MSG.NEXT.{x.given.jetstream}.{x.me.dashed}"
    await x.ask(nexts, {"batch": 1_000_000, "no_wait": True})
    await x.ask(nexts, {"batch": 1, "expires": int(36_000e9)})
    for _ in range(MANY):
        await x.say(nexts, {"batch": 1000, "expires": int(5e9)}, reply=x.inbox())
    await x.refusals()


@attack(EXHAUSTS, "batches begun and left open")
async def _(x: Attacker) -> None:
    for number in range(MANY):
        headers = {"Nats-Batch-Id": f"attack{number}", "Nats-Batch-Sequence": "1"}
        await x.say(x.own_subject, b"begun", headers=headers)
    await x.refusals()


@attack(EXHAUSTS, "a thousand questions at once")
async def _(x: Attacker) -> None:
    for _ in range(1000):
        await x.say(f"history.{x.given.full_name}", json.dumps({"after": 0}).encode(), reply=x.inbox())
        await x.say(f"{x.api()}.CONSUMER.INFO.{x.given.jetstream}.{x.me.dashed}", b"", reply=x.inbox())
    await x.refusals()


async def _silent(_: Exception) -> None:
    """The answer is what counts."""
