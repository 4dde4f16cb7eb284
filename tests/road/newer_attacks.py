"""Attacks by what newer servers can do: schedules, counters, batches, priority groups, key-value names."""

import asyncio
import json

from tests.road.attacker import Attacker
from tests.road.attacks import DRINKS, EXHAUSTS, NAMES, PUSHES, attack, change, stream, targets

MANY = 60  # batches that a server takes open in one stream, and some more
SCHEDULING = {"allow_msg_schedules": True, "allow_msg_ttl": True, "allow_rollup_hdrs": True, "deny_purge": False}


async def remake(x: Attacker, **other: object) -> None:
    """Its own stream anew: what the server lets nobody change."""
    await x.ask(f"$JS.API.STREAM.DELETE.{x.own_stream}")
    await x.ask(f"$JS.API.STREAM.CREATE.{x.own_stream}", stream(x, **other))


@attack(PUSHES, "messages of its own stream scheduled into a neighbour's")
async def _(x: Attacker) -> None:
    for subjects in ([x.own_subject], [f"events.{x.me}.>"]):
        await remake(x, subjects=subjects, **SCHEDULING)
        for target in targets(x):
            headers = {"Nats-Schedule": "@every 1s", "Nats-Schedule-Target": target, "Nats-Schedule-TTL": "1s"}
            await x.say(x.own_subject, b"forged", headers=headers)
    await asyncio.sleep(1.2)
    await x.refusals()


@attack(DRINKS, "a schedule whose source is a neighbour's")
async def _(x: Attacker) -> None:
    await remake(x, **SCHEDULING)
    headers = {
        "Nats-Schedule": "@every 1s",
        "Nats-Schedule-Target": x.own_subject,
        "Nats-Schedule-Source": x.given.subject_of("x.Forged"),
    }
    await x.say(x.own_subject, b"", headers=headers)
    await asyncio.sleep(1.2)
    await x.refusals()


@attack(DRINKS, "own stream counts what neighbours count")
async def _(x: Attacker) -> None:
    await remake(x, allow_msg_counter=True, sources=[{"name": x.given.jetstream}])
    await x.say(x.own_subject, b"", headers={"Nats-Incr": "1", "Nats-Counter-Sources": '{"a": {"b": "1"}}'})
    await x.refusals()


@attack(DRINKS, "own stream has advisories, answers, inboxes and key-value names as subjects")
async def _(x: Attacker) -> None:
    for subjects in (["$JS.EVENT.>"], ["$SYS.>"], ["_R_.>"], ["_INBOX.>"], ["$KV.>", "$O.>"], ["$SRV.>"], ["JS.>"]):
        await change(x, subjects=subjects, no_ack=True)
        await asyncio.sleep(0.1)


@attack(DRINKS, "listens to advisories, key-values, objects and services")
async def _(x: Attacker) -> None:
    for subject in ("$JS.EVENT.>", "$KV.>", "$O.>", "$SRV.>", "JS.>", "$G.>", "*", "heads.>"):
        await x.listen(subject)
    for subject in ("$SRV.PING", "$SRV.INFO", "$KV.x.y", "$O.x.C.y", "$JS.EVENT.ADVISORY.API", "$JS.EVENT.METRIC.x"):
        await x.ask(subject, b"forged")
    await x.refusals()


@attack(NAMES, "domains, prefixes and other doors to a neighbour's JetStream")
async def _(x: Attacker) -> None:
    feed, other = x.victim
    for api in (f"$JS.{feed.member.dashed}.API", "$JS.hub.API", f"$JSC.{feed.member.dashed}", f"{x.api()}.API", "JS"):
        await x.ask(f"{api}.STREAM.INFO.{feed.jetstream}")
        await x.ask(f"{api}.CONSUMER.PAUSE.{feed.jetstream}.{other.dashed}", {"pause_until": "2099-01-01T00:00:00Z"})
        await x.ask(f"{api}.CONSUMER.UNPIN.{feed.jetstream}.{other.dashed}", {"group": "a"})
        await x.ask(f"{api}.CONSUMER.RESET.{feed.jetstream}.{other.dashed}", {"seq": 1})
        await x.ask(f"{api}.DIRECT.GET.LAST.{feed.jetstream}.{feed.subject_of('x.E')}")


@attack(NAMES, "rules its own durable at a neighbour's: paused, pinned, reset")
async def _(x: Attacker) -> None:
    feed, me = x.given, x.me.dashed
    for api in ("$JS.API", x.api()):
        await x.ask(f"{api}.CONSUMER.PAUSE.{feed.jetstream}.{me}", {"pause_until": "2099-01-01T00:00:00Z"})
        await x.ask(f"{api}.CONSUMER.UNPIN.{feed.jetstream}.{me}", {"group": "a"})
        await x.ask(f"{api}.CONSUMER.RESET.{feed.jetstream}.{me}", {"seq": 1})
    nexts = f"{x.api()}.CONSUMER.MSG.NEXT.{feed.jetstream}.{me}"
    for more in ({"group": "a"}, {"group": "a", "priority": 9}, {"id": "forged"}, {"min_pending": 1}, {"max_bytes": 1}):
        await x.ask(nexts, {"batch": 1, "no_wait": True, **more})


@attack(PUSHES, "questions whose answers are to go to wildcards and to nowhere")
async def _(x: Attacker) -> None:
    feed, me = x.given, x.me.dashed
    for reply in (">", "*", "events.*.*.>", "heads.*.*", "$JS.ACK.>", "$JS.API.>", "_R_.>", "..", "$SYS.>", "a" * 3000):
        await x.say(f"history.{feed.full_name}", b'{"after": 0}', reply=reply)
        await x.say(f"{x.api()}.CONSUMER.INFO.{feed.jetstream}.{me}", b"", reply=reply)
        await x.say(f"{x.api()}.CONSUMER.MSG.NEXT.{feed.jetstream}.{me}", b'{"batch": 1, "no_wait": true}', reply=reply)
    await x.refusals()


@attack(PUSHES, "headers that a server acts on, on questions and events")
async def _(x: Attacker) -> None:
    headers = {
        "Nats-Rollup": "all",
        "Nats-Expected-Stream": x.given.jetstream,
        "Nats-Msg-Id": "forged",
        "Nats-TTL": "1s",
        "Nats-Marker-Reason": "Remove",
        "Nats-Stream": x.given.jetstream,
        "Nats-Request-Info": json.dumps({"acc": x.given.member.dashed, "user": x.given.member.dashed}),
        "Nats-Service-Latency": "forged",
        "Status": "503",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    }
    for subject in (x.own_subject, f"history.{x.given.full_name}", f"{x.api()}.CONSUMER.INFO.{x.given.jetstream}.x"):
        for name, value in headers.items():
            await x.say(subject, b'{"after": 0}', reply=x.inbox(), headers={name: value})
    await x.refusals()


@attack(EXHAUSTS, "batches begun and left open in each stream that it may have")
async def _(x: Attacker) -> None:
    for feed in x.broker.catalogue.feeds_of(x.me):
        for number in range(MANY):
            headers = {"Nats-Batch-Id": f"attack{number}", "Nats-Batch-Sequence": "1"}
            await x.say(feed.subject_of("x.Attack"), b"begun", headers=headers)
    await x.refusals()


@attack(EXHAUSTS, "consumers with heavy wishes: heartbeats, long lists, all at once")
async def _(x: Attacker) -> None:
    wishes: tuple[dict[str, object], ...] = (
        {"deliver_subject": x.inbox(), "idle_heartbeat": 1, "flow_control": True},
        {"filter_subjects": [f"events.{x.me}.{number}" for number in range(5000)]},
        {"description": "x" * 500_000},
        {"metadata": {str(number): "x" * 1000 for number in range(500)}},
        {"backoff": [1] * 10_000, "max_deliver": 20_000},
    )
    for number, wish in enumerate(wishes):
        config = {"durable_name": f"attack{number}", "ack_policy": "none", "deliver_policy": "all", **wish}
        question = {"stream_name": x.own_stream, "config": config}
        await x.ask(f"$JS.API.CONSUMER.DURABLE.CREATE.{x.own_stream}.attack{number}", question)
    await x.ask(f"$JS.API.STREAM.UPDATE.{x.own_stream}", stream(x, description="x" * 500_000))
    await x.ask(f"$JS.API.STREAM.UPDATE.{x.own_stream}", stream(x, max_age=1, duplicate_window=1))


@attack(EXHAUSTS, "subjects as long as a line may be, and of a thousand tokens")
async def _(x: Attacker) -> None:
    own = f"events.{x.me}.{x.own.feed.name if x.own else 'mine'}"
    for subject in (f"{own}.{'x' * 3500}", f"{own}{'.x' * 1500}", f"{own}.{'x' * 5000}"):
        await x.say(subject, b"forged")
    await x.refusals()
