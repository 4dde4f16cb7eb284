"""Signs the heads of a department's ledger: with the key that its database says is the present one, and no other.

The database decides for all instances. An instance whose key file does not hold that key signs nothing and looks into
the file again. What the file knows of a newer key and the database does not, because it was restored, is taken in
before anything is signed; so is what a neighbour knows, if our own key has signed it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import asyncpg
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.contracts.errors import Misconfigured, Unavailable
from shared.eventstore import ledger_key_file
from shared.eventstore.database import Connection, Pool
from shared.eventstore.ledger import Ledger
from shared.eventstore.ledger_key_file import HeldKeys, NoKeys
from shared.eventstore.ledger_keys import LedgerKeys, id_of
from shared.eventstore.signed_head import HeadSigner, SignedHead, origin_of, verifier_key

log = structlog.get_logger(__name__)

LOOK_AGAIN = 1.0  # seconds between looks into the file for a key that is missing
READ = "select nth, key, statement from ledger_keys order by nth"
ADD = """
insert into ledger_keys (nth, key, statement, size, epoch)
select coalesce(max(nth), 0) + 1, $1, $2, (select coalesce(max(position), 0) from log),
       1 + (select count(*) from epochs)
from ledger_keys
having not exists (select from ledger_keys where $2 = statement)
"""

Source = Pool | Connection


class KeyAway(Unavailable):
    """The present key of the ledger is not in this instance's key file."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A head, with the keys that it may be verified with."""

    head: SignedHead
    keys: LedgerKeys


async def known_keys(source: Source, origin: str) -> LedgerKeys | None:
    """The keys of the own ledger. None: it has never been signed."""
    keys: LedgerKeys | None = None
    for row in await source.fetch(READ):
        if row["key"] is not None:
            keys = LedgerKeys.beginning_with(row["key"], origin)
        elif keys is not None:
            keys = keys.extended([row["statement"]])
    return keys


async def begin(source: Source, key: str) -> None:
    """A chain begins with this key. UniqueViolationError: another was first."""
    await source.execute(ADD, key, None)


async def learn(source: Source, known: LedgerKeys, statements: Iterable[str]) -> LedgerKeys:
    """Keep the statements that go on from what is known. UniqueViolationError: another was first."""
    keys = known.extended(statements)
    for statement in keys.statements[len(known.statements) :]:
        await source.execute(ADD, None, statement)
    return keys


class LedgerSigner:
    """Of one department. `source`: its key, or the file that holds it."""

    def __init__(self, member: str, source: Ed25519PrivateKey | Path) -> None:
        self._member = member
        self.origin = origin_of(member)
        self._source = source
        self._signers: dict[str, HeadSigner] = {}  # by verifier key
        self.stamp_keys: tuple[
            bytes, ...
        ] = ()  # that envelopes are stamped with: one of each key, the present one last
        self._read_at = 0.0
        self._told = ""  # the key that is missing, as the log says

    async def settle(self, pool: Pool) -> LedgerKeys:
        """Once at the start: compare the file with the database. Misconfigured: it holds another key, or an old one."""
        held = self._read()
        while True:
            try:
                keys = await self._compared(pool, held)
            except asyncpg.UniqueViolationError:  # another instance was first
                continue
            if keys.present not in self._signers:
                raise Misconfigured(self._wrong(keys))
            return keys

    @property
    def is_key_away(self) -> bool:
        """Whether nothing could be signed when it was last asked for."""
        return bool(self._told)

    async def keys(self, source: Source) -> LedgerKeys:
        """Raises KeyAway before `settle`."""
        if (keys := await known_keys(source, self.origin)) is None:
            raise KeyAway("no key of this ledger is settled yet")
        return keys

    async def sign(self, ledger: Ledger, size: int) -> Signed:
        """`size`: read before. What signs is asked after it, so a key never signs more than it counts for.

        KeyAway: this instance does not hold the present key.
        """
        root, shared = await ledger.root(size), await ledger.epochs()
        keys = await self.keys(ledger.pool)
        return Signed(self._present(keys).sign(size, root, shared), keys)

    async def learned(self, pool: Pool, statements: Sequence[str]) -> LedgerKeys:
        """The keys, with what a neighbour has been told by our own keys and this database does not know."""
        before = await self.keys(pool)
        try:
            keys = await learn(pool, before, statements)
        except asyncpg.UniqueViolationError:
            return await self.keys(pool)
        if keys.present != before.present:
            log.error(
                "THE LEDGER HAS A NEWER KEY than its database knew: it was restored, and the old key signs no more",
                key=id_of(keys.present),
                before=id_of(before.present),
            )
        return keys

    async def _compared(self, pool: Pool, held: HeldKeys) -> LedgerKeys:
        known = await known_keys(pool, self.origin)
        if known is None:
            own = verifier_key(self.origin, held.private[-1].public_key())
            first = LedgerKeys.around(own, self.origin, held.statements).keys[0]
            await begin(pool, first)
            known = LedgerKeys.beginning_with(first, self.origin)
        return await learn(pool, known, held.statements)

    def _present(self, keys: LedgerKeys) -> HeadSigner:
        if keys.present not in self._signers and monotonic() - self._read_at > LOOK_AGAIN:
            try:
                self._read()
            except NoKeys as problem:
                log.error("the ledger key file cannot be read", problem=str(problem))  # noqa: TRY400
        if (signer := self._signers.get(keys.present)) is not None:
            self._told = ""
            return signer
        if self._told != keys.present:
            self._told = keys.present
            log.error("nothing is signed: " + self._wrong(keys))
        raise KeyAway("the present key of the ledger is not in the key file of this instance")

    def _read(self) -> HeldKeys:
        self._read_at = monotonic()
        source = self._source
        held = ledger_key_file.read(source) if isinstance(source, Path) else HeldKeys((source,))
        signers = [HeadSigner(self._member, one) for one in held.private]
        self._signers = {one.key: one for one in signers}
        self.stamp_keys = tuple(map(_stamp_key, held.private))
        return held

    def _wrong(self, keys: LedgerKeys) -> str:
        present = id_of(keys.present)
        if older := [key for key in self._signers if key in keys.until]:
            return (
                f"LEDGER_KEY_FILE holds the key {id_of(older[-1])}, which gave way to {present}"
                f" when the ledger held {keys.until[older[-1]]} events: put the file with the newer key in its place"
            )
        given = ", ".join(map(id_of, self._signers))
        department = self._member.rpartition(".")[2]
        return (
            f"LEDGER_KEY_FILE holds another key ({given}) than the one that this department's ledger is signed with"
            f" ({present}): give it that key's file. A new key comes with `tongban ledger-key rotate {department}`;"
            f" only if the old one is lost for good, with `tongban ledger-key accept {department}`"
        )


def _stamp_key(key: Ed25519PrivateKey) -> bytes:
    return HKDF(SHA256(), 32, None, b"tongban: stamps of envelopes").derive(key.private_bytes_raw())


async def settled(pool: Pool, signer: LedgerSigner | None, member: str) -> None:
    """At the start. Misconfigured: the key is not the one that this ledger is signed with, or there is none though it
    is signed; the sentence says what to do."""
    if signer is not None:
        await signer.settle(pool)
    elif (keys := await known_keys(pool, origin_of(member))) is not None:
        raise Misconfigured(
            f"LEDGER_KEY_FILE is missing: this department's ledger is signed with the key {id_of(keys.present)}."
            " Give it the file that holds that key"
        )
