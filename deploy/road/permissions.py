"""Subjects that a login may use inside its own account: its own names, and what its account is given.

The account alone keeps everybody apart. This keeps a member from naming a stream of its own like a neighbour's, by
which it could forge what its neighbour's readers acknowledge.
"""

from collections.abc import Iterable
from typing import Any

from deploy.road.subjects import ACCOUNT, AnyFeed, heads_of, keeping, known_to, reading
from shared.contracts.member import KeyFeed, Member
from shared.contracts.sharing import Catalogue

HEADS_OF_FEEDS = heads_of("*.*.*")  # of those that are imported
HEADS = (heads_of("*.*"), HEADS_OF_FEEDS)
ANSWERS = {"max": 1, "expires": "15s"}  # one a question, so nobody writes into another's inbox unasked


def of_member(member: Member, catalogue: Catalogue) -> dict[str, Any]:
    """A department publishes its events, keeps its streams, reads what it is given, answers for history and ledger,
    and tells neighbours what it knows of theirs."""
    publish = [f"events.{member}.>", heads_of(str(member)), *ACCOUNT]
    for own in catalogue.feeds_of(member):
        publish += [heads_of(own.full_name), *keeping(own)]
    if catalogue.readers_of(member):
        publish += [KeyFeed(member).subject, *keeping(KeyFeed(member))]
    publish += taking(member, catalogue)
    publish += [f"ledger.{one}" for one in catalogue.neighbours_of(member)]
    publish += [known_to(one, member) for one in catalogue.witnesses_of(member)]
    answers = [f"history.{member}.>", f"ledger.{member}", f"known.{member}.*.*", KeyFeed(member).asked_by_any]
    subscribe = [inbox(member), *answers, *HEADS]
    return {"publish": allow(publish), "subscribe": allow(subscribe), "allow_responses": ANSWERS}


def of_integrator(integrator: Member, catalogue: Catalogue) -> dict[str, Any]:
    """Reads what it is given and asks for the history of that. It says nothing and answers nothing."""
    return {"publish": allow(taking(integrator, catalogue)), "subscribe": allow([inbox(integrator), HEADS_OF_FEEDS])}


def taking(reader: Member, catalogue: Catalogue) -> list[str]:
    """Reading what it is given, and the keys of that."""
    feeds: list[AnyFeed] = [*catalogue.given_to(reader), *map(KeyFeed, catalogue.providers_of(reader))]
    return [subject for feed in feeds for subject in reading(feed, reader)]


def inbox(member: Member) -> str:
    return f"_INBOX_{member.dashed}.>"


def allow(subjects: Iterable[str]) -> dict[str, list[str]]:
    """The server reads an empty list as "no restriction"."""
    allowed = list(subjects)
    return {"allow": allowed} if allowed else {"deny": [">"]}
