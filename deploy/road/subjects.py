"""The subjects by which a member reads a neighbour's feed, and by which it keeps its own streams."""

from collections.abc import Iterator

from shared.contracts.member import KeyFeed, Member, MemberFeed
from shared.messaging.foreign import api_of

OWN_API = "$JS.API"


AnyFeed = MemberFeed | KeyFeed


def next_of(feed: AnyFeed, reader: Member) -> str:
    """Asking for more of a feed, as the server knows it."""
    return f"CONSUMER.MSG.NEXT.{feed.jetstream}.{reader.dashed}"


def info_of(feed: AnyFeed, reader: Member) -> str:
    return f"CONSUMER.INFO.{feed.jetstream}.{reader.dashed}"


def ack_of(feed: AnyFeed, reader: Member) -> str:
    """Acknowledgements of the second form: they name domain and account, so nobody else's stream is meant by them."""
    return f"$JS.ACK.*.*.{feed.jetstream}.{reader.dashed}.>"


def history_of(feed: MemberFeed) -> str:
    return f"history.{feed.full_name}"


def heads_of(name: str) -> str:
    """Of a member, or of a feed."""
    return f"heads.{name}"


def known_to(asked: Member, asking: Member) -> str:
    """The subject on which `asked` tells `asking` the part of its history that it holds."""
    return f"known.{asked}.{asking}"


def keeping(feed: AnyFeed) -> Iterator[str]:
    """The keeper's questions and declarations: over streams and consumers of the names of its own feeds only."""
    stream = feed.jetstream
    for verb in ("INFO", "CREATE", "UPDATE", "DELETE", "MSG.GET"):
        yield f"{OWN_API}.STREAM.{verb}.{stream}"
    yield f"{OWN_API}.CONSUMER.NAMES.{stream}"
    for verb in ("INFO", "DURABLE.CREATE", "DELETE"):
        yield f"{OWN_API}.CONSUMER.{verb}.{stream}.*"


ACCOUNT = (f"{OWN_API}.INFO", f"{OWN_API}.STREAM.NAMES")
"""All that an account holds."""


def reading(feed: AnyFeed, reader: Member) -> Iterator[str]:
    """Subjects that a reader publishes: in its own account these are imports from the provider's."""
    yield f"{api_of(feed.member)}.{info_of(feed, reader)}"
    yield f"{api_of(feed.member)}.{next_of(feed, reader)}"
    yield ack_of(feed, reader)
    yield asking(feed, reader)


def asking(feed: AnyFeed, reader: Member) -> str:
    """For a feed's history, or for keys."""
    return feed.asked_by(reader) if isinstance(feed, KeyFeed) else history_of(feed)
