"""Wherein the accounts of a broker differ from those it had, in sentences for the person who applies them."""

from collections.abc import Iterable, Iterator
from typing import Any

from deploy.road.accounts import Account, Accounts


def changes(before: Accounts, after: Accounts) -> list[str]:
    """Empty when nothing does. Never shows a password or its hash."""
    told = [f"account {name}: new" for name in after if name not in before]
    told += [f"account {name}: taken away; whoever is logged in is let go" for name in before if name not in after]
    for name in after:
        if name in before:
            told += (f"account {name}: {what}" for what in _of_one(before[name], after[name]))
    return told


def _of_one(before: Account, after: Account) -> Iterator[str]:
    for way in ("exports", "imports"):
        had, has = ({*_subjects(account.get(way, ()))} for account in (before, after))
        yield from (f"{way} {one} as well" for one in sorted(has - had))
        yield from (f"{way} {one} no more" for one in sorted(had - has))
    if _logins(before) != _logins(after):
        yield "another password; whoever is logged in with the old one is let go"
    for what in ("jetstream", "limits"):
        if before.get(what) != after.get(what):
            yield f"{what}: {before.get(what)} is now {after.get(what)}"


def _subjects(shared: Iterable[dict[str, Any]]) -> Iterator[str]:
    """'history.local.identity.people to local-insurance', or 'from local-identity'."""
    for one in shared:
        what = one.get("service") or one.get("stream")
        if isinstance(what, dict):
            yield f"{what['subject']} from {what['account']}"
        else:
            yield from (f"{what} to {account}" for account in one["accounts"])


def _logins(account: Account) -> dict[str, str]:
    return {one["user"]: one["password"] for one in account["users"]}
