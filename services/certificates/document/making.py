"""How a document is made: the page, the reviewer's signature, the body's seal, and its SM2 seal beside it."""

import asyncio
import base64
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from services.certificates.document import signing
from services.certificates.document.hands import COUNTER_REVIEWER, COUNTER_SEAL, FIRST_SEAL, REVIEWER, SEAL
from services.certificates.document.page import Countersigning, Page, page_of
from services.certificates.document.rendering import Pictures, render
from services.certificates.domain.certificate import CounterSealed, Sealed
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.sealing import UsableSeal
from shared.contracts.certificates import CertificateIssued
from shared.department.key_store import KeyStore


@dataclass(frozen=True, slots=True)
class Signers:
    """Who signs, in this order. Both may, at this moment."""

    reviewer: UUID
    signature: UsableSeal
    seal: UsableSeal
    counter: "Signers | None" = None  # of a second body, after them


@dataclass(frozen=True, slots=True)
class Made:
    pdf: bytes
    sealed: Sealed


def page_for(says: CertificateIssued, type: CertificateType, signers: Signers, qr: str) -> Page:
    counter = signers.counter
    second = Countersigning(counter.seal.owner_name, counter.signature.owner_name) if counter else None
    return page_of(says, type, reviewer=signers.signature.owner_name, qr=qr, counter=second)


async def make_document(
    says: CertificateIssued, type: CertificateType, signers: Signers, keys: KeyStore, qr: str
) -> Made:
    """The same for the same certificate and signers. `qr`: what the QR code says.

    Raises Invalid "missing_glyph" before anything is signed, Misconfigured for an unknown template, and what the key
    store raises.
    """
    page = page_for(says, type, signers, qr)
    page.require_glyphs()
    at = says.issued_at
    counter = signers.counter
    second = Pictures(counter.signature.image, counter.seal.image) if counter else None
    pictures = Pictures(signers.signature.image, signers.seal.image, second)
    drawn = await asyncio.to_thread(render, page, pictures, type.template, at)
    return await signed_and_sealed(drawn, signers, keys, at)


async def signed_and_sealed(drawn: bytes, signers: Signers, keys: KeyStore, at: datetime) -> Made:
    """Raises what the key store raises."""
    counter = signers.counter
    signed = await signing.sign(drawn, keys, signers.signature, REVIEWER, at)
    pdf = await signing.sign(signed, keys, signers.seal, FIRST_SEAL if counter else SEAL, at)
    countersigned = None
    if counter:
        sealed, checked = pdf, await signing.sign(pdf, keys, counter.signature, COUNTER_REVIEWER, at)
        pdf = await signing.sign(checked, keys, counter.seal, COUNTER_SEAL, at)
        countersigned = CounterSealed(
            reviewer=counter.reviewer,
            signature=counter.signature.seal,
            signed=sha256(sealed).hexdigest(),
            seal=counter.seal.seal,
            sealed=sha256(checked).hexdigest(),
        )
    sm2 = await keys.sign(signers.seal.sm2_key, pdf)
    return Made(
        pdf,
        Sealed(
            reviewer=signers.reviewer,
            signature=signers.signature.seal,
            signed=sha256(drawn).hexdigest(),
            seal=signers.seal.seal,
            sealed=sha256(signed).hexdigest(),
            document=sha256(pdf).hexdigest(),
            sm2_seal=base64.b64encode(sm2).decode(),
            counter=countersigned,
        ),
    )
