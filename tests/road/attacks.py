"""What an engineer with one login tried against the others. Five kinds; each attack is tried by every login."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from shared.messaging.broker import inbox_of
from tests.road.attacker import Attacker

Run = Callable[[Attacker], Awaitable[None]]


@dataclass(frozen=True)
class Attack:
    kind: str
    name: str
    run: Run


DRINKS, PUSHES, ACKS, EXHAUSTS, NAMES = "drinks", "pushes", "takes acks", "exhausts", "names"
ATTACKS: list[Attack] = []


def attack(kind: str, name: str) -> Callable[[Run], Run]:
    def noted(run: Run) -> Run:
        ATTACKS.append(Attack(kind, name, run))
        return run

    return noted


def stream(x: Attacker, **other: object) -> dict[str, object]:
    """Its own stream, but for what is `other` in it."""
    subjects = [x.own.subject if x.own else f"events.{x.me}.mine.>"]
    return {"name": x.own_stream, "subjects": subjects, "storage": "file", **_KEPT, **other}


_KEPT = {"deny_delete": True, "deny_purge": True, "allow_atomic": True, "num_replicas": 1, "retention": "limits"}


async def change(x: Attacker, **other: object) -> str:
    """Its own stream becomes another."""
    answer = await x.ask(f"$JS.API.STREAM.UPDATE.{x.own_stream}", stream(x, **other))
    await asyncio.sleep(0.2)  # a source is fetched soon after
    return answer


def drinking_from(api: str | None) -> Callable[[Attacker], dict[str, object]]:
    def source(x: Attacker) -> dict[str, object]:
        told: dict[str, object] = {"name": x.given.jetstream}
        if api:
            named = api.format(api=x.api(), provider=x.given.member.dashed)
            told["external"] = {"api": named, "deliver": x.inbox()}
        return told

    return source


for _api in (None, "$JS.API", "{api}", "$JS.{provider}.API"):

    def _made(api: str | None) -> None:
        told = api or "by name"
        source = drinking_from(api)

        @attack(DRINKS, f"own stream has a neighbour's as source, {told}")
        async def _(x: Attacker) -> None:
            await change(x, sources=[source(x)])

        @attack(DRINKS, f"own stream made anew as a neighbour's mirror, {told}")
        async def _(x: Attacker) -> None:
            await x.ask(f"$JS.API.STREAM.DELETE.{x.own_stream}")
            mirror = {"name": x.own_stream, "storage": "file", "mirror": source(x)}
            await x.ask(f"$JS.API.STREAM.CREATE.{x.own_stream}", mirror)
            await asyncio.sleep(0.2)

    _made(_api)


@attack(DRINKS, "own stream has a neighbour's events as subjects")
async def _(x: Attacker) -> None:
    await change(x, subjects=[f"events.{x.given.member}.>"])


@attack(DRINKS, "own stream has a neighbour's inbox as subjects")
async def _(x: Attacker) -> None:
    await change(x, subjects=[f"{inbox_of(x.given.member)}.>"])


@attack(DRINKS, "own stream has questions, heads and acknowledgements as subjects")
async def _(x: Attacker) -> None:
    await change(x, subjects=["history.>", "ledger.>", "known.>", "heads.>"])
    await change(x, subjects=["$JS.ACK.>"])


@attack(DRINKS, "own stream has all there is as subjects")
async def _(x: Attacker) -> None:
    await change(x, subjects=[">"], no_ack=True)


@attack(DRINKS, "listens where it may not")
async def _(x: Attacker) -> None:
    for subject in (
        ">",
        "events.>",
        f"events.{x.given.member}.>",
        f"{inbox_of(x.given.member)}.>",
        "_INBOX.>",
        "_R_.>",
        f"history.{x.given.member}.>",
        f"ledger.{x.given.member}",
        f"known.{x.given.member}.>",
        f"known.*.*.{x.me}",
        "$JS.>",
        "$SYS.>",
    ):
        await x.listen(subject)
    await x.refusals()


@attack(DRINKS, "listens to heads of feeds that it is not given")
async def _(x: Attacker) -> None:
    names = {feed.full_name for feed in x.broker.feeds()} | {str(one) for one in x.broker.catalogue.members}
    for subject in ("heads.>", "heads.*.*", "heads.*.*.*", *sorted(f"heads.{name}" for name in names)):
        await x.listen(subject)
    await x.refusals()


@attack(DRINKS, "asks for a feed that it is not given")
async def _(x: Attacker) -> None:
    feed = x.foreign
    reader = x.me.dashed
    await x.ask(f"{x.api(feed.member)}.CONSUMER.MSG.NEXT.{feed.jetstream}.{reader}", {"batch": 10, "no_wait": True})
    await x.ask(f"history.{feed.full_name}", {"after": 0})
    await x.ask(f"{x.api(feed.member)}.STREAM.MSG.GET.{feed.jetstream}", {"seq": 1})
    await x.ask(f"{x.api(feed.member)}.DIRECT.GET.{feed.jetstream}", {"seq": 1})


@attack(DRINKS, "asks what members know of a third one's history")
async def _(x: Attacker) -> None:
    members = x.broker.catalogue.members
    for asked in members:
        for third in members:
            if x.me not in (asked, third) and asked != third:
                await x.say(f"known.{asked}.{third}", b'{"ledger_after": 0}', reply=x.inbox())
    await x.say(f"known.{x.given.member}.{x.me}.{x.me}", b'{"ledger_after": 0}', reply=x.inbox())
    await x.refusals()


@attack(DRINKS, "asks with another reader's durable")
async def _(x: Attacker) -> None:
    feed, other = x.victim
    await x.ask(f"{x.api()}.CONSUMER.MSG.NEXT.{feed.jetstream}.{other.dashed}", {"batch": 10, "no_wait": True})
    await x.ask(f"{x.api()}.CONSUMER.INFO.{feed.jetstream}.{other.dashed}")


@attack(DRINKS, "makes a consumer of its own on a neighbour's stream")
async def _(x: Attacker) -> None:
    feed = x.given
    made = {"stream_name": feed.jetstream, "config": {"durable_name": "mine", "ack_policy": "none"}}
    for api in ("$JS.API", x.api()):
        await x.ask(f"{api}.CONSUMER.DURABLE.CREATE.{feed.jetstream}.mine", made)
        await x.ask(f"{api}.CONSUMER.CREATE.{feed.jetstream}", made)
        await x.ask(f"{api}.CONSUMER.CREATE.{feed.jetstream}.mine.{feed.subject}", made)


@attack(DRINKS, "has its own question traced")
async def _(x: Attacker) -> None:
    traced = {"Nats-Trace-Dest": x.inbox()}
    await x.say(f"history.{x.given.full_name}", b'{"after": 0}', reply=x.inbox(), headers=traced)
    traced = {"Nats-Trace-Dest": f"events.{x.given.full_name}.Traced"}
    await x.say(f"history.{x.given.full_name}", b'{"after": 0}', reply=x.inbox(), headers=traced)
    await x.refusals()


def targets(x: Attacker) -> list[str]:
    """What belongs to a neighbour and nobody else may write."""
    feed, other = x.victim
    return [
        x.given.subject_of("x.Forged"),
        f"{inbox_of(x.given.member)}.forged",
        f"heads.{x.given.member}",
        f"heads.{x.given.full_name}",
        f"$JS.API.STREAM.PURGE.{feed.jetstream}",
        f"$JS.API.CONSUMER.DELETE.{feed.jetstream}.{other.dashed}",
        f"$JS.ACK.{feed.jetstream}.{other.dashed}.1.{_ALL}.{_ALL}.1796009728235809234.0",
        f"$JS.ACK._.hash.{feed.jetstream}.{other.dashed}.1.{_ALL}.{_ALL}.1796009728235809234.0",
        "_R_.forged.forged",
        "$SYS.REQ.SERVER.PING",
    ]


_ALL = 5  # events that a forged acknowledgement would take


@attack(PUSHES, "publishes what is a neighbour's")
async def _(x: Attacker) -> None:
    for target in targets(x):
        await x.say(target, b"forged")
    await x.refusals()


@attack(PUSHES, "questions whose answers are to go to what is a neighbour's")
async def _(x: Attacker) -> None:
    feed, me = x.given, x.me.dashed
    acknowledging = f"$JS.ACK._.hash.{feed.jetstream}.{me}.1.1.1.1796009728235809234.9"
    questions: list[tuple[str, bytes]] = [
        (f"history.{feed.full_name}", b'{"after": 0}'),
        (f"ledger.{feed.member}", b"{}"),
        (f"known.{feed.member}.{x.me}", b'{"ledger_after": 0}'),
        (f"{x.api()}.CONSUMER.INFO.{feed.jetstream}.{me}", b""),
        (f"{x.api()}.CONSUMER.MSG.NEXT.{feed.jetstream}.{me}", b'{"batch": 1, "no_wait": true}'),
        (f"{x.api()}.CONSUMER.MSG.NEXT.{feed.jetstream}.{me}", b'{"batch": 1, "expires": 1000000}'),
        (acknowledging, b""),
        (acknowledging, b'+NXT {"batch": 1}'),
    ]
    for target in targets(x):
        for subject, body in questions:
            await x.say(subject, body, reply=target)
    await x.refusals()


@attack(PUSHES, "questions to its own JetStream, answered into a neighbour's")
async def _(x: Attacker) -> None:
    for target in targets(x):
        for question in ("$JS.API.INFO", f"$JS.API.STREAM.INFO.{x.own_stream}"):
            await x.say(question, b"", reply=target)
        await x.say(x.own_subject, b"forged", reply=target)  # its stream's acknowledgement
    await x.refusals()


@attack(PUSHES, "own stream republishes into a neighbour's")
async def _(x: Attacker) -> None:
    for target in targets(x):
        if target.startswith("$SYS"):
            continue
        await change(x, republish={"src": ">", "dest": target})
        await x.say(x.own_subject, b"forged")
    await x.refusals()


@attack(PUSHES, "own consumer delivers into a neighbour's")
async def _(x: Attacker) -> None:
    await x.say(x.own_subject, b'{"batch": 1, "no_wait": true}')
    nexts = [f"{x.api()}.CONSUMER.MSG.NEXT.{x.given.jetstream}.{x.me.dashed}", f"history.{x.given.full_name}"]
    for number, target in enumerate([*targets(x), *nexts]):
        name = f"attack{number}"
        pushing = {"durable_name": name, "deliver_subject": target, "ack_policy": "none", "deliver_policy": "all"}
        question = {"stream_name": x.own_stream, "config": pushing}
        await x.ask(f"$JS.API.CONSUMER.DURABLE.CREATE.{x.own_stream}.{name}", question)


@attack(PUSHES, "writes into inboxes unasked")
async def _(x: Attacker) -> None:
    for login in x.broker.logins.values():
        if login is not x.login:
            await x.say(f"{inbox_of(login.member)}.attack.1", b"forged")
            await x.say(f"{inbox_of(login.member)}.forged.1", b"forged")
    await x.refusals()


@attack(ACKS, "forges another reader's acknowledgement, in both forms")
async def _(x: Attacker) -> None:
    feed, other = x.victim
    tail = f"{feed.jetstream}.{other.dashed}.1.{_ALL}.{_ALL}.1796009728235809234.0"
    for subject in (f"$JS.ACK.{tail}", f"$JS.ACK._.hash.{tail}", f"$JS.ACK.x.y.{tail}.z"):
        for body in (b"", b"+ACK", b"-NAK", b"+TERM", b'+NXT {"batch": 5}'):
            await x.say(subject, body)
    await x.refusals()


@attack(ACKS, "an empty answer is to be another reader's acknowledgement")
async def _(x: Attacker) -> None:
    feed, other = x.victim
    tail = f"{feed.jetstream}.{other.dashed}.1.{_ALL}.{_ALL}.1796009728235809234.0"
    nexts = f"{x.api()}.CONSUMER.MSG.NEXT.{x.given.jetstream}.{x.me.dashed}"
    for reply in (f"$JS.ACK.{tail}", f"$JS.ACK._.hash.{tail}"):
        for body in (b'{"batch": 1, "expires": 1}', b'{"batch": 100000, "no_wait": true}', b"{"):
            await x.say(nexts, body, reply=reply)
    await x.refusals()


@attack(ACKS, "own stream and consumer named like a neighbour's, asking through the imported door")
async def _(x: Attacker) -> None:
    """Their messages bear acknowledgement subjects that the server of the first form does not map."""
    feed, other = x.victim
    nexts = f"{x.api()}.CONSUMER.MSG.NEXT.{x.given.jetstream}.{x.me.dashed}"
    subject = x.own_subject
    await x.ask(
        f"$JS.API.STREAM.CREATE.{feed.jetstream}",
        {"name": feed.jetstream, "subjects": [f"{subject}.x"], "storage": "file"},
    )
    for _ in range(_ALL):
        await x.say(f"{subject}.x", b'{"batch": 1, "no_wait": true}')
    for target in (nexts, f"history.{x.given.full_name}", f"{x.api()}.CONSUMER.INFO.{x.given.jetstream}.{x.me.dashed}"):
        config = {"durable_name": other.dashed, "deliver_subject": target, "ack_policy": "all", "deliver_policy": "all"}
        await x.ask(
            f"$JS.API.CONSUMER.DURABLE.CREATE.{feed.jetstream}.{other.dashed}",
            {"stream_name": feed.jetstream, "config": config},
        )
    await asyncio.sleep(0.2)


@attack(NAMES, "makes, changes, empties or deletes a stream of a neighbour's name")
async def _(x: Attacker) -> None:
    feed, other = x.victim
    config = {"name": feed.jetstream, "subjects": [f"{x.own_subject}.y"], "storage": "file"}
    for api in ("$JS.API", x.api()):
        for verb in ("CREATE", "UPDATE", "PURGE", "DELETE", "RESTORE", "SNAPSHOT", "LEADER.STEPDOWN", "PEER.REMOVE"):
            await x.ask(f"{api}.STREAM.{verb}.{feed.jetstream}", config)
        await x.ask(f"{api}.STREAM.MSG.DELETE.{feed.jetstream}", {"seq": 1})
        await x.ask(f"{api}.CONSUMER.DELETE.{feed.jetstream}.{other.dashed}")
        await x.ask(f"{api}.CONSUMER.PAUSE.{feed.jetstream}.{other.dashed}", {"pause_until": "2099-01-01T00:00:00Z"})
        await x.ask(f"{api}.CONSUMER.LEADER.STEPDOWN.{feed.jetstream}.{other.dashed}")


@attack(NAMES, "its own stream's door with a neighbour's name inside")
async def _(x: Attacker) -> None:
    feed, _other = x.victim
    await x.ask(f"$JS.API.STREAM.UPDATE.{x.own_stream}", stream(x, name=feed.jetstream))
    config = {"durable_name": "mine", "ack_policy": "none"}
    question = {"stream_name": feed.jetstream, "config": config}
    await x.ask(f"$JS.API.CONSUMER.DURABLE.CREATE.{x.own_stream}.mine", question)


@attack(NAMES, "makes streams of any other name")
async def _(x: Attacker) -> None:
    for name in ("evil", f"{x.me.dashed}-evil", "KV_evil"):
        config = {"name": name, "subjects": [f"evil.{name}"], "storage": "file"}
        await x.ask(f"$JS.API.STREAM.CREATE.{name}", config)


@attack(NAMES, "logs in as somebody else, and as the operators")
async def _(x: Attacker) -> None:
    for user in (x.given.member.dashed, "sys", "", "SYS"):
        try:
            client = await x.broker.client(user, "not-the-password-of-anybody-at-all", connect_timeout=1)
        except Exception as error:  # noqa: BLE001 - refused in whatever words
            x.answers.append("not let in" if "uthorization" in str(error) else type(error).__name__)
        else:
            x.answers.append("let in")
            await client.close()


@attack(NAMES, "asks the server for what is the operators'")
async def _(x: Attacker) -> None:
    for subject in (
        "$SYS.REQ.SERVER.PING",
        "$SYS.REQ.SERVER.PING.CONNZ",
        f"$SYS.REQ.ACCOUNT.{x.given.member.dashed}.CONNZ",
        f"$SYS.REQ.ACCOUNT.{x.given.member.dashed}.JSZ",
        "$SYS.REQ.CLAIMS.UPDATE",
        "$SYS.REQ.SERVER.x.RELOAD",
        f"$JS.API.ACCOUNT.PURGE.{x.given.member.dashed}",
        "$JS.API.SERVER.REMOVE",
        "$JS.API.META.LEADER.STEPDOWN",
        "$JS.API.STREAM.LIST",
    ):
        await x.ask(subject, b"")
