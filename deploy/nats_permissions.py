"""What each department's NATS user may publish and subscribe to, derived from the data-sharing catalogue.

A department publishes its own events, keeps its own streams, reads the feeds it is given and answers questions about
its own history and ledger. Every department may ask for every other's ledger, to witness it: those are hashes only.
Nothing else: not another's events, streams or durables, and no inbox but its own. Answers are allowed
one a question (`allow_responses`), so nobody can write into another's inbox unasked.

Run as a module it prints the users as nats-server configuration, with passwords from the environment.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.nats import NatsUser
from shared.contracts.catalogue import CONTRACTS
from shared.contracts.feed import Contract, Feed
from shared.contracts.sharing import Catalogue, read_catalogue

SHARING_FILE = Path(__file__).with_name("sharing.yaml")


@dataclass(frozen=True, slots=True)
class Permissions:
    """Subjects (with wildcards). Beside them one answer to each question that comes in may be published."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def permissions_of(department: str, contracts: Iterable[Contract], catalogue: Catalogue) -> Permissions:
    """The subjects one department needs, and no more."""
    publish = [f"events.{department}.>", f"heads.{department}"]
    for contract in contracts:
        if contract.department != department:
            publish.append(f"ledger.{contract.department}")
        for feed in contract.feeds:
            if feed.department == department:
                publish += _keeping(feed)
            if department in catalogue[feed.full_name].subscribers:
                publish += _reading(feed, department)
    subscribe = (f"_INBOX_{department}.>", f"history.{department}.>", f"ledger.{department}", "heads.*")
    return Permissions(tuple(publish), subscribe)


def _keeping(feed: Feed) -> Iterator[str]:
    """The topology keeper's questions and declarations."""
    for verb in ("INFO", "CREATE", "UPDATE", "MSG.GET"):
        yield f"$JS.API.STREAM.{verb}.{feed.jetstream}"
    for verb in ("INFO", "DURABLE.CREATE"):
        yield f"$JS.API.CONSUMER.{verb}.{feed.jetstream}.*"


def _reading(feed: Feed, durable: str) -> Iterator[str]:
    yield f"$JS.API.CONSUMER.INFO.{feed.jetstream}.{durable}"
    yield f"$JS.API.CONSUMER.MSG.NEXT.{feed.jetstream}.{durable}"
    yield f"$JS.ACK.{feed.jetstream}.{durable}.>"
    yield f"$JS.ACK.*.*.{feed.jetstream}.{durable}.>"  # with domain and account hash (ADR-15)
    yield f"history.{feed.full_name}"


def nats_users(contracts: Sequence[Contract], catalogue: Catalogue, password: Callable[[str], str]) -> list[NatsUser]:
    """Every department's login for an embedded server; `password` tells it by the department's name."""
    users = []
    for department in (contract.department for contract in contracts):
        allowed = permissions_of(department, contracts, catalogue)
        users.append(
            NatsUser(department, password(department), allowed.publish, allowed.subscribe, answers_questions=True)
        )
    return users


def configuration(contracts: Sequence[Contract], catalogue: Catalogue) -> str:
    """The same users as nats-server configuration; the password of `identity` is `$IDENTITY_NATS_PASSWORD`."""
    lines = ["# Made from deploy/sharing.yaml by `python -m deploy.nats_permissions`; change that file, not this one."]
    lines += ["authorization {", "  users = ["]
    for department in (contract.department for contract in contracts):
        allowed = permissions_of(department, contracts, catalogue)
        lines += [
            "    {",
            f"      user: {department}, password: ${department.upper()}_NATS_PASSWORD",
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
    sys.stdout.write(configuration(CONTRACTS, read_catalogue(SHARING_FILE, CONTRACTS)))
