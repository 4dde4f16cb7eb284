"""Attacks on keys of personal fields: asked for in another's name, pulled, forged, and asked for without end."""

import asyncio

from shared.contracts.member import KeyFeed
from tests.road.attacker import Attacker
from tests.road.attacks import DRINKS, EXHAUSTS, PUSHES, attack, change

QUESTION = b'{"public_key": "3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08", "all": true}'
ID = "abcdefghij0"
MANY = 300  # questions


def keys(x: Attacker) -> KeyFeed:
    return KeyFeed(x.given.member)


@attack(DRINKS, "asks for keys of whom it is given nothing")
async def _(x: Attacker) -> None:
    for one in x.broker.catalogue.members:
        if one != x.me and one not in x.broker.catalogue.providers_of(x.me):
            feed = KeyFeed(one)
            await x.ask(feed.asked_by(x.me), QUESTION)
            await x.ask(f"{x.api(one)}.CONSUMER.MSG.NEXT.{feed.jetstream}.{x.me.dashed}", {"batch": 9, "no_wait": True})
    await x.refusals()


@attack(DRINKS, "asks for keys in another reader's name")
async def _(x: Attacker) -> None:
    _, other = x.victim
    for one in x.broker.catalogue.members:
        await x.say(KeyFeed(one).asked_by(other), QUESTION, reply=x.inbox())
    await x.say(f"{keys(x).asked_by(x.me)}.{other}", QUESTION, reply=x.inbox())
    await x.say(keys(x).asked_by_any, QUESTION, reply=x.inbox())
    await x.refusals()


@attack(DRINKS, "pulls and reads another reader's keys")
async def _(x: Attacker) -> None:
    feed, (_, other) = keys(x), x.victim
    made = {"stream_name": feed.jetstream, "config": {"durable_name": "mine", "ack_policy": "none"}}
    for api in ("$JS.API", x.api()):
        await x.ask(f"{api}.CONSUMER.MSG.NEXT.{feed.jetstream}.{other.dashed}", {"batch": 9, "no_wait": True})
        await x.ask(f"{api}.CONSUMER.INFO.{feed.jetstream}.{other.dashed}")
        await x.ask(f"{api}.STREAM.MSG.GET.{feed.jetstream}", {"last_by_subj": feed.subject_for(other, ID)})
        await x.ask(f"{api}.DIRECT.GET.{feed.jetstream}.{feed.subject_for(other, ID)}")
        await x.ask(f"{api}.CONSUMER.DURABLE.CREATE.{feed.jetstream}.mine", made)
    for subject in ("keys.>", feed.subject, feed.subject_for(other), "keysfor.>", feed.asked_by_any):
        await x.listen(subject)
    await x.refusals()


@attack(DRINKS, "own stream has keys and questions for keys as subjects")
async def _(x: Attacker) -> None:
    await change(x, subjects=[keys(x).subject], no_ack=True)
    await change(x, subjects=["keysfor.>"], no_ack=True)
    await change(x, sources=[{"name": keys(x).jetstream}])


@attack(PUSHES, "tells keys and erasures in a neighbour's name, and acknowledges for another reader")
async def _(x: Attacker) -> None:
    feed, (_, other) = keys(x), x.victim
    for reader in (other, x.me):
        await x.say(feed.subject_for(reader, ID), b"forged")
        await x.say(feed.subject_for(reader, ID), b"", headers={"Nats-Rollup": "all"})
    await x.say(f"$JS.ACK._.hash.{feed.jetstream}.{other.dashed}.1.3.3.1796009728235809234.0", b"forged")
    await x.say(f"$JS.ACK.{feed.jetstream}.{other.dashed}.1.3.3.1796009728235809234.0", b"forged")
    await x.ask(f"$JS.API.STREAM.PURGE.{feed.jetstream}", {"filter": feed.subject_for(other)})
    await x.refusals()


@attack(PUSHES, "questions for keys whose answers are to lie among keys")
async def _(x: Attacker) -> None:
    feed, (_, other) = keys(x), x.victim
    for reply in (feed.subject_for(other, ID), feed.subject_for(x.me, ID), x.given.subject_of("x.Forged"), "keys.>"):
        await x.say(feed.asked_by(x.me), QUESTION, reply=reply)
    await x.refusals()


@attack(EXHAUSTS, "floods a provider with questions for keys")
async def _(x: Attacker) -> None:
    for number in range(MANY):
        await x.say(keys(x).asked_by(x.me), QUESTION if number % 2 else b"x" * 4_000, reply=x.inbox())
        if number % 100 == 0:
            await asyncio.sleep(0)
    await x.refusals()
