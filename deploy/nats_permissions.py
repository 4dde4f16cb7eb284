"""What each department's NATS user may publish and subscribe to, derived from the data-sharing catalogue.

A department publishes its own events, keeps its own streams, reads the feeds it is given and answers questions about
its own history and ledger. Every department may ask for every other's ledger, to witness it: those are hashes only.
Nothing else: not another's events, streams or durables, and no inbox but its own. Answers are allowed
one a question (`allow_responses`), so nobody can write into another's inbox unasked.

Run as a module it prints the users as nats-server configuration, with passwords from the environment.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.nats import NatsUser
from shared.contracts.catalogue import CONTRACTS
from shared.contracts.member import Member, MemberFeed
from shared.contracts.sharing import Catalogue, read_catalogue
from shared.messaging import heads, history, ledger_pages
from shared.messaging.broker import inbox_of

SHARING_FILE = Path(__file__).with_name("sharing.yaml")


@dataclass(frozen=True, slots=True)
class Permissions:
    """Subjects (with wildcards). Beside them one answer to each question that comes in may be published."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def permissions_of(member: Member, catalogue: Catalogue) -> Permissions:
    """The subjects one department needs, and no more."""
    publish = [f"events.{member}.>", heads.subject(str(member))]
    publish += [ledger_pages.subject(str(neighbour)) for neighbour in catalogue.neighbours_of(member)]
    for feed in catalogue.feeds_of(member):
        publish += _keeping(feed)
    for feed in catalogue.given_to(member):
        publish += _reading(feed, member)
    subscribe = (f"{inbox_of(member)}.>", f"history.{member}.>", ledger_pages.subject(str(member)), "heads.*.*")
    return Permissions(tuple(publish), subscribe)


def _keeping(feed: MemberFeed) -> Iterator[str]:
    """The topology keeper's questions and declarations."""
    for verb in ("INFO", "CREATE", "UPDATE", "MSG.GET"):
        yield f"$JS.API.STREAM.{verb}.{feed.jetstream}"
    for verb in ("INFO", "DURABLE.CREATE"):
        yield f"$JS.API.CONSUMER.{verb}.{feed.jetstream}.*"


def _reading(feed: MemberFeed, member: Member) -> Iterator[str]:
    durable = member.dashed
    yield f"$JS.API.CONSUMER.INFO.{feed.jetstream}.{durable}"
    yield f"$JS.API.CONSUMER.MSG.NEXT.{feed.jetstream}.{durable}"
    yield f"$JS.ACK.{feed.jetstream}.{durable}.>"
    yield f"$JS.ACK.*.*.{feed.jetstream}.{durable}.>"  # with domain and account hash (ADR-15)
    yield history.subject(feed.full_name)


def nats_users(catalogue: Catalogue, password: Callable[[Member], str]) -> list[NatsUser]:
    """Every department's login for an embedded server; `password` tells it by who logs in."""
    users = []
    for member in catalogue.members:
        allowed = permissions_of(member, catalogue)
        users.append(
            NatsUser(member.dashed, password(member), allowed.publish, allowed.subscribe, answers_questions=True)
        )
    return users


def configuration(catalogue: Catalogue) -> str:
    """The same users as nats-server configuration; the password of `local.identity` is `$IDENTITY_NATS_PASSWORD`."""
    lines = ["# Made from deploy/sharing.yaml by `python -m deploy.nats_permissions`; change that file, not this one."]
    lines += ["authorization {", "  users = ["]
    for member in catalogue.members:
        allowed = permissions_of(member, catalogue)
        lines += [
            "    {",
            f"      user: {member.dashed}, password: ${member.department.upper()}_NATS_PASSWORD",
            "      permissions {",
            *_block("publish", allowed.publish),
            *_block("subscribe", allowed.subscribe),
            '        allow_responses: {max: 1, expires: "15s"}',
            "      }",
            "    }",
        ]
    return "\n".join([*lines, "  ]", "}", ""])


def _block(verb: str, subjects: Sequence[str]) -> Iterator[str]:
    yield f"        {verb}: {{allow: ["
    yield from (f'          "{subject}"' for subject in subjects)
    yield "        ]}"


if __name__ == "__main__":
    sys.stdout.write(configuration(read_catalogue(SHARING_FILE, CONTRACTS)))
