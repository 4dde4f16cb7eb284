"""The keys of one ledger, one after the other, and what each of them counts for. Pure.

Two kinds of statement change them, each a C2SP signed note of the ledger's origin:

    <origin>                              <origin>
    key rotated                           key withdrawn
    <verifier key that signed so far>     <verifier key that was replaced before>
    <verifier key from now on>            <size>
    <size>                                <moment>
    <moment>

A rotation is signed by both keys: heads that the first signed of more than `size` events count no more. A withdrawal
is signed by the key that is present then, and lowers the size of an earlier one. So whoever knows any key of a ledger
learns the others from the statements, whatever happened since.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.eventstore.signed_head import NotSigned, SignedHead, open_head, open_note, signed_note, verifier_key

MOST_STATEMENTS = 100  # about the keys of one ledger
LONGEST_STATEMENT = 2_000  # characters
_ROTATION = re.compile(
    r"(?P<origin>[^\n]+)\nkey rotated\n(?P<before>[^\n]+)\n(?P<key>[^\n]+)\n(?P<size>0|[1-9][0-9]{0,17})\n[^\n]+\n",
    re.A,
)
_WITHDRAWAL = re.compile(
    r"(?P<origin>[^\n]+)\nkey withdrawn\n(?P<key>[^\n]+)\n(?P<size>0|[1-9][0-9]{0,17})\n[^\n]+\n", re.A
)


@dataclass(frozen=True, slots=True)
class Rotation:
    """From a head of more than `size` events on, `key` signs in the place of `before`."""

    before: str
    key: str
    size: int


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Heads of more than `size` events that `key` has signed count no more."""

    key: str
    size: int


@dataclass(frozen=True, slots=True)
class LedgerKeys:
    """`keys`: oldest first; the last is the present one. `until`: of each earlier one, the largest tree it counts for.

    `statements`: those that led from the first key here.
    """

    origin: str
    keys: tuple[str, ...]
    until: Mapping[str, int] = field(default_factory=dict)
    withdrawn: frozenset[str] = frozenset()
    statements: tuple[str, ...] = ()

    @classmethod
    def beginning_with(cls, key: str, origin: str) -> Self:
        return cls(origin, (key,))

    @classmethod
    def around(cls, key: str, origin: str, statements: Iterable[str]) -> Self:
        """All that the statements tell of keys before and after this one."""
        told = list(statements)[: 4 * MOST_STATEMENTS]  # of several who were told
        rotations = [one for text in told if isinstance(one := read_statement(text, origin), Rotation)]
        first, seen = key, {key}
        while before := next((one.before for one in rotations if one.key == first and one.before not in seen), None):
            first = before
            seen.add(first)
        return cls.beginning_with(first, origin).extended(told)

    @property
    def present(self) -> str:
        return self.keys[-1]

    def extended(self, statements: Iterable[str]) -> Self:
        """With those of the statements, in their order, that go on from here; others are passed over."""
        keys = self
        for statement in statements:
            if len(keys.statements) < MOST_STATEMENTS and statement not in keys.statements:
                keys = keys._with(statement)
        return keys

    def _with(self, statement: str) -> Self:
        match read_statement(statement, self.origin):
            case Rotation(before=before, key=key, size=size) if before == self.present and key not in self.keys:
                until = {**self.until, before: size}
                return replace(self, keys=(*self.keys, key), until=until, statements=(*self.statements, statement))
            case Withdrawal(key=key, size=size) if key in self.until and _is_signed(statement, self.present):
                until = {**self.until, key: min(size, self.until[key])}
                withdrawn = self.withdrawn | {key}
                return replace(self, until=until, withdrawn=withdrawn, statements=(*self.statements, statement))
            case _:
                return self

    def open(self, note: str, *, whatever_became: bool = False) -> SignedHead:
        """Read a head that the present key has signed, or an earlier one while it counted.

        NotSigned: another has, or the key counts no more for a tree of that size, unless `whatever_became` of it.
        """
        for key in reversed(self.keys):
            try:
                head = open_head(note, key, self.origin)
            except NotSigned:
                continue
            if not whatever_became and head.size > self.until.get(key, head.size):
                raise CountsNoMore(f"the key {id_of(key)} counts no more for {head.size} events")
            return head
        raise NotSigned(f"not signed by a key of {self.origin} that is known")


class CountsNoMore(NotSigned):
    """A head of a key that was replaced or withdrawn, of a larger tree than it counts for."""


def read_statement(statement: str, origin: str) -> Rotation | Withdrawal | None:
    """None: it is none of this origin. Of a rotation both signatures are right; of a withdrawal whoever knows the
    present key must look at the signature."""
    if len(statement) > LONGEST_STATEMENT:
        return None
    text = statement.rpartition("\n\n")[0] + "\n"
    if (told := _ROTATION.fullmatch(text)) and told["origin"] == origin:
        is_signed = _is_signed(statement, told["before"]) and _is_signed(statement, told["key"])
        is_ours = told["key"].partition("+")[0] == told["before"].partition("+")[0] == origin
        return Rotation(told["before"], told["key"], int(told["size"])) if is_signed and is_ours else None
    if (told := _WITHDRAWAL.fullmatch(text)) and told["origin"] == origin:
        return Withdrawal(told["key"], int(told["size"]))
    return None


def rotation(origin: str, before: Ed25519PrivateKey, key: Ed25519PrivateKey, size: int, now: datetime) -> str:
    """The statement that `key` signs from now on: `before` has signed heads of no more than `size` events."""
    keys = [verifier_key(origin, one.public_key()) for one in (before, key)]
    text = "\n".join([origin, "key rotated", *keys, str(size), _moment(now), ""])
    both = signed_note(text, origin, before)
    return both + signed_note(text, origin, key).removeprefix(f"{text}\n")


def withdrawal(origin: str, key: str, size: int, present: Ed25519PrivateKey, now: datetime) -> str:
    """The statement that heads which `key` has signed of more than `size` events count no more."""
    return signed_note("\n".join([origin, "key withdrawn", key, str(size), _moment(now), ""]), origin, present)


def id_of(key: str) -> str:
    """Eight hexadecimal digits, as they stand in a verifier key."""
    return key.split("+", 2)[1]


def _is_signed(statement: str, key: str) -> bool:
    try:
        open_note(statement, key)
    except NotSigned:
        return False
    return True


def _moment(now: datetime) -> str:
    return now.isoformat(timespec="seconds")
