"""The wanted configuration of a feed's stream and its durables, and its differences from what is there."""

from dataclasses import dataclass
from typing import Any

from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, ReplayPolicy, StorageType, StreamConfig

from shared.contracts.epochs import FIRST
from shared.contracts.member import KeyFeed, Member, MemberFeed

DUPLICATE_WINDOW = 120.0  # seconds
ACK_WAIT = 30.0  # seconds; longer than a request stays open. Later deliveries are skipped by the checkpoint
MOST_UNACKNOWLEDGED = 10_000  # messages in the hands of a subscriber
MOST_ASKED = 1000  # messages in one request
LONGEST_REQUEST = 60.0  # seconds a request stays open
MOST_REQUESTS = 64  # open at a time
KEPT = 0.9  # of what the account may store goes to its streams

Config = dict[str, Any]
"""As JetStream's API has it; durations in nanoseconds."""


def stream_config(feed: MemberFeed, replicas: int, most_bytes: int = -1) -> StreamConfig:
    """No age limit, no deletion: the broker keeps what it can, and lets the oldest go; the log is the record."""
    return StreamConfig(
        name=feed.jetstream,
        description=feed.title.en,
        subjects=[feed.subject],
        storage=StorageType.FILE,
        max_bytes=most_bytes,
        num_replicas=replicas,
        duplicate_window=DUPLICATE_WINDOW,
        deny_delete=True,
        deny_purge=True,
        allow_atomic=True,
    )


def consumer_config(feed: MemberFeed, subscriber: Member) -> ConsumerConfig:
    return durable_config(subscriber, feed.subject)


def durable_config(subscriber: Member, subject: str) -> ConsumerConfig:
    """It rules its reader as well: how much a request may ask for, how long it stays open, how many there are."""
    return ConsumerConfig(
        durable_name=subscriber.dashed,
        filter_subject=subject,
        deliver_policy=DeliverPolicy.ALL,
        replay_policy=ReplayPolicy.INSTANT,
        ack_policy=AckPolicy.ALL,
        ack_wait=ACK_WAIT,
        max_ack_pending=MOST_UNACKNOWLEDGED,
        max_waiting=MOST_REQUESTS,
    )


@dataclass(frozen=True, slots=True)
class Begun:
    """The beginning of a stream: an epoch of its feed's history, and the event after which it begins."""

    epoch: int = FIRST
    after: int = 0

    @property
    def metadata(self) -> dict[str, str]:
        return {} if self == Begun() else {"epoch": str(self.epoch), "after": str(self.after)}


def begun_of(config: Config) -> Begun:
    """As the stream says. What cannot be read is of the first epoch, and made anew when there is another."""
    told = config.get("metadata") or {}
    try:
        return Begun(int(told.get("epoch", FIRST)), int(told.get("after", 0)))
    except ValueError:
        return Begun()


def stream_wanted(feed: MemberFeed, replicas: int, most_bytes: int = -1, begun: Begun = Begun()) -> Config:
    wanted: Config = stream_config(feed, replicas, most_bytes).as_dict()
    return wanted | ({"metadata": begun.metadata} if begun.metadata else {})


def keys_wanted(feed: KeyFeed, replicas: int) -> Config:
    """Only the newest message of each reader and key stays."""
    return StreamConfig(
        name=feed.jetstream,
        description="个人信息密钥 / Keys of personal fields",
        subjects=[feed.subject],
        storage=StorageType.FILE,
        max_msgs_per_subject=1,
        num_replicas=replicas,
        deny_delete=True,
    ).as_dict()


def consumer_wanted(feed: MemberFeed, subscriber: Member) -> Config:
    return durable_wanted(subscriber, feed.subject)


def durable_wanted(subscriber: Member, subject: str) -> Config:
    ruled = {"max_batch": MOST_ASKED, "max_expires": int(LONGEST_REQUEST * 1e9)}  # which nats-py does not know
    return durable_config(subscriber, subject).as_dict() | ruled


def most_bytes(account: Config, streams: int, replicas: int) -> int:
    """Of each stream, so that all together stay within what the account may store. -1: as much as there is."""
    limit = int(account.get("limits", {}).get("max_storage", -1))
    return int(limit * KEPT) // (streams * replicas) if limit > 0 else -1


def differences(there: Config, wanted: Config) -> dict[str, tuple[Any, Any]]:
    """By name: what is there, and what should be. Whatever stands there that nobody asked for is a difference too."""
    has, should = _plain(there), _plain(wanted)
    return {
        name: (has.get(name), should.get(name))
        for name in sorted(has.keys() | should.keys())
        if has.get(name) != should.get(name)
    }


_DEFAULTS = {"retention": "limits", "discard": "old", "compression": "none", "persist_mode": "default"}


def _plain(config: Config) -> Config:
    """Without what says the same as saying nothing: no limit, no list, and what the server notes for itself."""
    plain = {}
    for name, value in config.items():
        if name == "metadata":
            value = {key: said for key, said in (value or {}).items() if not key.startswith("_nats.")}
        if name == "name" and config.get("durable_name") == value:
            continue  # a durable's second name
        if value and value != -1 and value != _DEFAULTS.get(name):
            plain[name] = value
    return plain
