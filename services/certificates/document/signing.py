"""PAdES B-B signatures: first the reviewer's over the page, then the body's seal over page and signature.

The same page, keys and moment are the same bytes: ECDSA is deterministic (RFC 6979), and what pyHanko would take from
clock and chance (the moment, the file's /ID) is given.
"""

import asyncio
from datetime import datetime
from hashlib import sha256
from io import BytesIO

from asn1crypto import pem, x509
from asn1crypto.algos import SignedDigestAlgorithm
from pyhanko.pdf_utils.generic import ByteStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer
from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.signers.pdf_signer import PdfTBSDocument

from services.certificates.document.hands import Hand
from services.certificates.sealing import UsableSeal
from shared.department.key_store import KeyStore

LONGEST_SIGNATURE = 72  # bytes: two integers of P-256 in DER
BESIDE_CERTIFICATE = 1024  # bytes that a CMS holds, and some to spare


class KeyStoreSigner(Signer):
    """Signs with a key that never leaves the key store. Adds its own certificate alone: roots belong to who checks."""

    def __init__(self, keys: KeyStore, seal: UsableSeal) -> None:
        super().__init__(
            signing_cert=x509.Certificate.load(pem.unarmor(seal.certificate_pem.encode())[2]),
            signature_mechanism=SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
        )
        self._keys = keys
        self._name = seal.key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: ARG002
        return bytes(LONGEST_SIGNATURE) if dry_run else await self._keys.sign(self._name, data)

    @property
    def reserved(self) -> int:
        """Hexadecimal digits that its CMS has room for."""
        assert self.signing_cert is not None
        return 2 * (BESIDE_CERTIFICATE + len(self.signing_cert.dump()))


async def sign(pdf: bytes, keys: KeyStore, seal: UsableSeal, hand: Hand, at: datetime) -> bytes:
    """Raises what the key store raises."""
    signer = KeyStoreSigner(keys, seal)
    to_be_signed, prepared, out = await asyncio.to_thread(_prepare, pdf, signer, hand, at)
    done = await to_be_signed.perform_signature(prepared.document_digest, PdfCMSSignedAttributes(signing_time=at))
    await done.post_signature_processing(out)
    return out.getvalue()


def _prepare(
    pdf: bytes, signer: KeyStoreSigner, hand: Hand, at: datetime
) -> tuple[PdfTBSDocument, PreparedByteRangeDigest, BytesIO]:
    writer = _Writer(pdf)
    meta = PdfSignatureMetadata(
        field_name=hand.field, md_algorithm="sha256", reason=hand.reason, subfilter=SigSeedSubFilter.PADES
    )
    permission = MDPPerm.NO_CHANGES if hand.is_last else None
    field = SigFieldSpec(hand.field, on_page=-1, doc_mdp_update_value=permission)
    session = PdfSigner(meta, signer, new_field_spec=field).init_signing_session(writer)
    session.system_time = at
    to_be_signed = session.prepare_tbs_document(None, signer.reserved)
    out = BytesIO()
    prepared, _ = to_be_signed.digest_tbs_document(output=out)
    return to_be_signed, prepared, out


class _Writer(IncrementalPdfFileWriter):
    """Adds nothing of its own: pyHanko would enter the time, and draw the second /ID by chance."""

    def __init__(self, pdf: bytes) -> None:
        super().__init__(BytesIO(pdf))
        self._document_id[1] = ByteStringObject(sha256(pdf).digest()[:16])

    def _update_meta(self) -> None:
        """What the page says of itself stays."""
