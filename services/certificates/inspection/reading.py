"""Reads what somebody shows or hands in: text here, documents and pictures in the inspector."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.certificates.checking import evidence
from services.certificates.checking.evidence import Evidence
from services.certificates.credential.jws import Keys
from services.certificates.document.finding import PdfFinding, SignedBy
from services.certificates.inspection.jobs import DOCUMENT, PICTURE
from shared.inspection.inspector import Inspector


async def read(inspector: Inspector, content: bytes, keys: Keys, roots: Sequence[str], client: str) -> Evidence:
    """Raises Busy, and Invalid for a document that could not be examined within limits."""
    if evidence.recognise(content) != "document":
        return evidence.read_text(content, keys)
    return evidence.of_document(_finding(await inspector.run(DOCUMENT, content, list(roots), client=client)))


async def own_hand(inspector: Inspector, picture: bytes, client: str) -> bytes:
    """SVG that holds the picture. Raises Busy and Invalid."""
    svg: str = await inspector.run(PICTURE, picture, client=client)
    return svg.encode("ascii")


def _finding(told: dict[str, Any]) -> PdfFinding:
    countersigned = tuple(signer for one in told["countersigned"] if (signer := _signer(one)))
    signers = {"reviewer": _signer(told["reviewer"]), "seal": _signer(told["seal"]), "countersigned": countersigned}
    return PdfFinding(**{**told, **signers})


def _signer(told: dict[str, Any] | None) -> SignedBy | None:
    return None if told is None else SignedBy(**{**told, "at": datetime.fromisoformat(told["at"])})
