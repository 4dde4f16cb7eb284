"""That a certificate's issuing stands in the department's ledger: checked off line, with the ledger's key alone.

The entry is what was hashed, word for word; so a proof is about this certificate and this document, not about some
event. It holds what the certificate says of its holder, and goes to nobody but him.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from services.certificates.credential.jws import NotReadable, from_json
from shared.contracts.errors import NotFound, TongbanError, Unavailable
from shared.department.engine import Engine
from shared.department.ledger import Inclusion, prove
from shared.eventstore.ledger import entry_of
from shared.eventstore.ledger_keys import LedgerKeys
from shared.eventstore.merkle import leaf_hash, verify_inclusion
from shared.eventstore.signed_head import NotSigned

EVENT = """
select e.id, e.type, e.schema, e.stream, e.version, e.recorded_at, e.metadata::text as metadata, e.data::text as data,
       l.position, l.leaf
from events e left join log l on l.stream = e.stream and l.version = e.version where e.id = $1
"""
ORIGIN = re.compile(r"tongban/([a-z][a-z0-9]*/)?certificates", re.ASCII)
"""Of whatever jurisdiction; the heads of earlier releases name none."""
ISSUED = "certificates.CertificateIssued"


class Proof(Inclusion):
    """`entry`: base64 of the words whose hash, with a zero byte before them, is the leaf (RFC 9162 §2.1.1)."""

    event: UUID
    entry: str


class NotProven(TongbanError):
    """The proof does not hold together, or the ledger's key has not signed its head."""


@dataclass(frozen=True, slots=True)
class Proven:
    """What the ledger holds of a certificate."""

    identifier: str
    document: str | None  # SHA-256 of the PDF
    sm2_seal: str | None  # over the PDF, base64


async def proof_of(engine: Engine, event: UUID) -> Proof:
    """Raises Unavailable for the moment that an event needs to reach the ledger."""
    row = await engine.pool.fetchrow(EVENT, event)
    if row is None:
        raise NotFound("no_such_event", "没有这个事件，请核对编号。", "There is no such event; please check its id.")
    size = await engine.ledger.size()
    if row["position"] is None or row["position"] > size:
        raise Unavailable("the event is on its way to the ledger")
    inclusion = await prove(engine, row["leaf"], row["position"], size)
    return Proof(event=event, entry=b64encode(entry_of(row)).decode(), **inclusion.model_dump())


def read_proof(content: bytes) -> Proof:
    """Raises NotReadable."""
    try:
        return Proof.model_validate_json(content)
    except ValidationError:
        raise NotReadable("no proof of inclusion") from None


def verify(proof: Proof, key: str, statements: Sequence[str] = ()) -> Proven:
    """`key`: any of the ledger's, as `GET /ledger/key` tells it, which names its origin; `statements`: what is known
    about its keys (`GET /ledger/keys`). Raises NotProven and NotReadable."""
    origin = key.partition("+")[0]
    if not ORIGIN.fullmatch(origin):
        raise NotProven("the key is not of a certificates department's ledger")
    entry, leaf, root = _bytes(proof.entry), _bytes(proof.leaf), _bytes(proof.root)
    if leaf_hash(entry) != leaf:
        raise NotProven("the leaf is not the entry's")
    if not verify_inclusion(leaf, proof.position - 1, proof.size, [_bytes(one) for one in proof.path], root):
        raise NotProven("the path does not lead to the root")
    try:
        head = LedgerKeys.around(key, origin, statements).open(proof.checkpoint or "")
    except NotSigned as problem:
        raise NotProven(str(problem)) from None
    if (head.size, head.root) != (proof.size, root):
        raise NotProven("the signed head is of another root")
    return _proven(entry)


def _proven(entry: bytes) -> Proven:
    lines = entry.split(b"\n", 7)
    if len(lines) != 8 or lines[1].decode("utf-8", "replace") != ISSUED:
        raise NotReadable("not the issuing of a certificate")
    issued: dict[str, Any] = from_json(lines[7], dict)
    return Proven(str(issued.get("identifier")), issued.get("document"), issued.get("sm2_seal"))


def _bytes(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (NotBase64, ValueError):
        raise NotReadable("not base64") from None
