"""How a document is made: the page, the reviewer's signature, the body's seal, and its SM2 seal beside it."""

import asyncio
import base64
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from services.certificates.document import signing
from services.certificates.document.hands import REVIEWER, SEAL
from services.certificates.document.page import Page, page_of
from services.certificates.document.rendering import Pictures, render
from services.certificates.domain.certificate import Sealed
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


@dataclass(frozen=True, slots=True)
class Made:
    pdf: bytes
    sealed: Sealed


def page_for(says: CertificateIssued, type: CertificateType, signers: Signers, qr: str) -> Page:
    return page_of(says, type, reviewer=signers.signature.owner_name, qr=qr)


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
    pictures = Pictures(signers.signature.image, signers.seal.image)
    drawn = await asyncio.to_thread(render, page, pictures, type.template, at)
    return await signed_and_sealed(drawn, signers, keys, at)


async def signed_and_sealed(drawn: bytes, signers: Signers, keys: KeyStore, at: datetime) -> Made:
    """Raises what the key store raises."""
    signed = await signing.sign(drawn, keys, signers.signature, REVIEWER, at)
    pdf = await signing.sign(signed, keys, signers.seal, SEAL, at)
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
        ),
    )
