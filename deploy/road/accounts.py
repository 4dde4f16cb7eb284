"""The broker's accounts, made from the data-sharing catalogue: one a member, one an integrator, one for operators.

An account sees nothing of another but what that one exports to it by name and it imports. A member exports its own head
and its ledger to its neighbours, the heads and the history of a feed to those who are given it, to each of these the
keys of its personal fields, to each neighbour what it knows of that one's own history, and to each reader its own
durables, which the provider's keeper declares: asking for more, looking at it, acknowledging. Nobody sees a neighbour's
JetStream.
"""

from collections.abc import Callable, Iterator
from typing import Any

from deploy.road import limits, permissions
from deploy.road.subjects import OWN_API, AnyFeed, ack_of, asking, heads_of, history_of, info_of, known_to, next_of
from shared.contracts.member import KeyFeed, Member
from shared.contracts.sharing import Catalogue
from shared.messaging.foreign import api_of

Account = dict[str, Any]
Accounts = dict[str, Account]
"""By name, as nats-server reads them."""

OPERATORS = "SYS"
OPERATOR = "sys"  # the login of who looks after the broker
ACK_FLAG = {"js_ack_fc_v2": True}  # acknowledgements name the account that they are meant for

Hashed = Callable[[str], str]
"""The password's hash, by the login's name."""


def logins(catalogue: Catalogue) -> list[str]:
    """Everybody who has a password at the broker."""
    return [OPERATOR, *(one.dashed for one in (*catalogue.members, *catalogue.integrators))]


def accounts(catalogue: Catalogue, hashed: Hashed) -> Accounts:
    """All of them. Pure: the same catalogue and hashes make the same accounts."""
    made = {OPERATORS: _operators(hashed)}
    for member in catalogue.members:
        made[member.dashed] = _account(member, permissions.of_member(member, catalogue), hashed) | {
            "jetstream": limits.jetstream(len(catalogue.members)),
            "limits": limits.MEMBER,
            "exports": list(_exports(member, catalogue)),
            "imports": [*_hears(member, catalogue), *_reads(member, catalogue)],
        }
    for integrator in catalogue.integrators:
        made[integrator.dashed] = _account(integrator, permissions.of_integrator(integrator, catalogue), hashed) | {
            "limits": limits.INTEGRATOR,
            "imports": list(_reads(integrator, catalogue)),
        }
    return made


def bare(now: Accounts, wanted: Accounts) -> Accounts:
    """The accounts of now, and the new ones without any sharing: the first of two steps by which a running server
    takes in an account. In one step its imports would be dead until another reload (nats-server issue 8560)."""
    new = wanted.keys() - now.keys()
    return now | {name: _without_sharing(wanted[name]) for name in wanted if name in new}


def configuration(made: Accounts) -> dict[str, Any]:
    """The part of a server's configuration that follows from its accounts."""
    return {"feature_flags": ACK_FLAG, "system_account": OPERATORS, "accounts": made}


def _operators(hashed: Hashed) -> Account:
    return {"users": [{"user": OPERATOR, "password": hashed(OPERATOR)}], "limits": limits.OPERATOR}


def _account(member: Member, allowed: dict[str, Any], hashed: Hashed) -> Account:
    login = {"user": member.dashed, "password": hashed(member.dashed), "permissions": allowed}
    return {"users": [login]}


def _without_sharing(account: Account) -> Account:
    return {name: value for name, value in account.items() if name not in ("exports", "imports")}


def _exports(member: Member, catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    everyone = (*catalogue.members, *catalogue.integrators)
    witnesses = [one.dashed for one in catalogue.members if member in catalogue.neighbours_of(one)]
    if witnesses:
        yield {"stream": heads_of(str(member)), "accounts": witnesses}
        yield {"service": f"ledger.{member}", "accounts": witnesses}
    for neighbour in catalogue.neighbours_of(member):
        yield {"service": known_to(member, neighbour), "accounts": [neighbour.dashed]}
    for feed in catalogue.feeds_of(member):
        readers = [one for one in everyone if one != member and one in catalogue.subscribers(feed)]
        if readers:
            yield {"stream": heads_of(feed.full_name), "accounts": [one.dashed for one in readers]}
            yield {"service": history_of(feed), "accounts": [one.dashed for one in readers]}
        for reader in readers:
            yield from _durable_for(feed, reader)
    keys = KeyFeed(member)
    for reader in catalogue.readers_of(member):
        yield {"service": keys.asked_by(reader), "accounts": [reader.dashed]}
        yield from _durable_for(keys, reader)


def _durable_for(feed: AnyFeed, reader: Member) -> Iterator[dict[str, Any]]:
    only = {"accounts": [reader.dashed]}
    yield {"service": f"{OWN_API}.{info_of(feed, reader)}", **only}
    yield {"service": f"{OWN_API}.{next_of(feed, reader)}", "response_type": "stream", **only}
    yield {"service": ack_of(feed, reader), **only}


def _hears(member: Member, catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    """Of the departments that it witnesses, and of those that witness it."""
    for other in catalogue.members:
        if other in catalogue.neighbours_of(member):
            yield {"stream": {"account": other.dashed, "subject": heads_of(str(other))}}
            yield {"service": {"account": other.dashed, "subject": f"ledger.{other}"}}
        if other in catalogue.witnesses_of(member):
            yield {"service": {"account": other.dashed, "subject": known_to(other, member)}}


def _reads(member: Member, catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    for feed in catalogue.given_to(member):
        provider = feed.member.dashed
        yield {"stream": {"account": provider, "subject": heads_of(feed.full_name)}}
        yield from _takes(feed, member)
    for one in catalogue.providers_of(member):
        yield from _takes(KeyFeed(one), member)


def _takes(feed: AnyFeed, member: Member) -> Iterator[dict[str, Any]]:
    provider = feed.member.dashed
    yield {"service": {"account": provider, "subject": asking(feed, member)}}
    for own in (info_of(feed, member), next_of(feed, member)):
        yield {
            "service": {"account": provider, "subject": f"{OWN_API}.{own}"},
            "to": f"{api_of(feed.member)}.{own}",
        }
    yield {"service": {"account": provider, "subject": ack_of(feed, member)}}
