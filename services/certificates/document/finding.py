"""What is found in a PDF that somebody shows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Verdict = Literal["intact", "altered", "unknown_issuer", "not_ours", "too_large"]


@dataclass(frozen=True, slots=True)
class SignedBy:
    """As the document and the signer's certificate have it; believe it only of one that is intact."""

    name: str  # the officer's, or the body's full legal name
    certificate: str  # X.509, PEM
    at: datetime


@dataclass(frozen=True, slots=True)
class PdfFinding:
    """`unknown_issuer`: whole, but signed by somebody whom none of the roots certified, or not for that moment.

    Whether the certificate still holds is no matter of the file: ask by `identifier`.
    """

    verdict: Verdict
    sha256: str  # 64 hexadecimal digits
    identifier: str | None = None  # GB/T 36904
    reviewer: SignedBy | None = None
    seal: SignedBy | None = None
    countersigned: tuple[SignedBy, ...] = ()  # by a second body: its reviewer and its seal
