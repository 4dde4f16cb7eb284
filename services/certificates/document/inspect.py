"""Looks into a PDF: whether it is one of ours, whether it is as it was sealed, and who signed it. Needs only the roots.

Any altered byte is found. The seal covers every byte but its own CMS, and of that there is one right form: its parts
are signed or bound to what is signed, and put together again they must be the very bytes that stand there.
"""

from collections.abc import Sequence
from hashlib import sha256
from io import BytesIO

from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.decode_limits import DecodeLimits, DecodePurpose, DocumentDecodeBudget, StreamDecodeLimits
from pyhanko.pdf_utils.misc import PdfDecodeLimitError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.validation.generic_cms import get_signing_cert_attr, validate_sig_integrity
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from services.certificates.document.finding import PdfFinding, SignedBy, Verdict
from services.certificates.document.hands import ONE_BODY, TWO_BODIES
from shared.contracts.errors import Misconfigured
from shared.inspection import pdf
from shared.inspection.limits import ISSUED_PDF, MIB
from shared.inspection.outcome import BeyondLimits
from shared.standards.errors import NotValid
from shared.standards.licence_number import ROOT, LicenceNumber

LARGEST = 5 * MIB  # bytes; ours have some 50,000
MARKS = (ROOT.encode(), SigSeedSubFilter.PADES.value.removeprefix("/").encode())  # each stands in ours more than once

UNPACKED = DecodeLimits(
    per_stream=StreamDecodeLimits(max_output_size=ISSUED_PDF.decoded),
    per_purpose={
        DecodePurpose.XREF_STREAM: StreamDecodeLimits(max_output_size=64 * 1024),
        DecodePurpose.OBJECT_STREAM: StreamDecodeLimits(max_output_size=MIB),
        DecodePurpose.XMP_METADATA: StreamDecodeLimits(max_output_size=MIB),
    },
    document_budget=DocumentDecodeBudget(base_allowance=ISSUED_PDF.decoded, max_ratio=0),
)


class _Altered(Exception):
    """It is not as it was sealed."""


def inspect_pdf(content: bytes, trust_roots: Sequence[str]) -> PdfFinding:
    """`trust_roots`: X.509, PEM, of those whose word for a signer counts. Blocks for some 50 ms.

    Raises Misconfigured when a root is no certificate, and BeyondLimits for what holds more than any of ours; whatever
    else `content` is, it gets a verdict. Hostile bytes can take the parser any time and memory: let it run in the
    inspector.
    """
    roots = _parsed(trust_roots)
    name = sha256(content).hexdigest()
    if len(content) > LARGEST:
        return PdfFinding("too_large", name)
    if any(mark not in content for mark in MARKS):
        return PdfFinding("not_ours", name)
    pdf.check(content, ISSUED_PDF)
    try:
        return _read(content, name, roots)
    except MemoryError:
        raise BeyondLimits("memory") from None
    except PdfDecodeLimitError:
        raise BeyondLimits("decoded") from None
    except Exception:  # noqa: BLE001 - from hostile bytes parsers raise whatever there is; all mean the same
        return PdfFinding("altered", name)


def _parsed(roots: Sequence[str]) -> list[x509.Certificate]:
    try:
        return [x509.load_pem_x509_certificate(root.encode()) for root in roots]
    except ValueError:
        raise Misconfigured("a trust root is no certificate in PEM form") from None


def _read(content: bytes, name: str, roots: Sequence[x509.Certificate]) -> PdfFinding:
    """What is cheap and what costs a forger most comes first: only for whom we trust files are compared."""
    reader = PdfFileReader(BytesIO(content), decode_limits=UNPACKED)
    signatures = reader.embedded_regular_signatures
    if tuple(one.field_name for one in signatures) not in (ONE_BODY, TWO_BODIES):
        raise _Altered
    signers = [_signed_by(one) for one in signatures]
    identifier = _identifier(reader)
    _require_covered(signatures[-1], content)
    is_known = all(_is_certified(one, roots) for one in signers)
    if is_known:
        for one in signatures[:-1]:
            _require_nothing_between(one)
    verdict: Verdict = "intact" if is_known else "unknown_issuer"
    return PdfFinding(verdict, name, identifier, signers[0], signers[1], tuple(signers[2:]))


def _signed_by(signature: EmbeddedPdfSignature) -> SignedBy:
    """Raises unless the signature is right, and its certificate the one that was meant."""
    info, certificate = signature.signer_info, signature.signer_cert
    if (
        get_signing_cert_attr(info["signed_attrs"]) is None
        or signature.sig_object["/SubFilter"] != "/" + MARKS[1].decode()
    ):
        raise _Altered
    intact, valid = validate_sig_integrity(info, certificate, "data", signature.compute_digest())
    at = signature.self_reported_timestamp
    if not (intact and valid and at):
        raise _Altered
    pem = x509.load_der_x509_certificate(certificate.dump()).public_bytes(Encoding.PEM).decode()
    return SignedBy(certificate.subject.native["common_name"], pem, at)


def _require_covered(signature: EmbeddedPdfSignature, content: bytes) -> None:
    """All of the file is signed but the CMS itself, and that has its one right form."""
    start, length, after, rest = signature.byte_range
    if start != 0 or after + rest != len(content) or not length < after:
        raise _Altered
    right = _canonical(signature).hex().upper().encode()
    if content[length:after] != b"<" + right.ljust(after - length - 2, b"0") + b">":
        raise _Altered


def _canonical(signature: EmbeddedPdfSignature) -> bytes:
    """The CMS as we write it around these attributes, this signature and the certificate that they are bound to."""
    info, certificate = signature.signer_info, signature.signer_cert
    sid = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
    signer = {
        "version": "v1",
        "sid": cms.SignerIdentifier("issuer_and_serial_number", sid),
        "digest_algorithm": {"algorithm": "sha256"},
        "signature_algorithm": {"algorithm": "sha256_ecdsa"},
        "signed_attrs": info["signed_attrs"].copy(),
        "signature": info["signature"].native,
    }
    signed = {
        "version": "v1",
        "digest_algorithms": [{"algorithm": "sha256"}],
        "encap_content_info": {"content_type": "data"},
        "certificates": [cms.CertificateChoices("certificate", certificate)],
        "signer_infos": [signer],
    }
    der: bytes = cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed)}).dump()
    return der


def _is_certified(signer: SignedBy, roots: Sequence[x509.Certificate]) -> bool:
    """By one of the roots itself, and for the time when he signed."""
    certificate = x509.load_pem_x509_certificate(signer.certificate.encode())
    if not certificate.not_valid_before_utc <= signer.at <= certificate.not_valid_after_utc:
        return False
    return any(_is_issued_by(certificate, root) for root in roots)


def _is_issued_by(certificate: x509.Certificate, root: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(root)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _require_nothing_between(reviewer: EmbeddedPdfSignature) -> None:
    """What was added to what he signed is the seal, and nothing that shows."""
    reviewer.compute_integrity_info()  # type: ignore[no-untyped-call]
    found = reviewer.summarise_integrity_info()
    if reviewer.coverage is not SignatureCoverageLevel.ENTIRE_REVISION or not found["docmdp_ok"]:
        raise _Altered


def _identifier(reader: PdfFileReader) -> str:
    try:
        return str(LicenceNumber.parse(reader.trailer["/Info"]["/Keywords"]))
    except NotValid:
        raise _Altered from None
