"""Checking with nothing but files: what is shown, and what one trusts. Pure; the moment comes with the question."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import reduce

from services.certificates.checking import evidence
from services.certificates.checking.evidence import Evidence, recognise
from services.certificates.checking.material import Material
from services.certificates.checking.verdict import Flaw, Listed, Standing, Verdict, judge
from services.certificates.credential import proof
from services.certificates.credential.jws import Keys, NotReadable, UnknownKey, WrongSignature, vouched_for
from services.certificates.credential.proof import NotProven
from services.certificates.credential.status_list import Status, StatusList, open_status_list
from shared.standards.shanghai import day_in_shanghai

LISTED: Mapping[int, Listed] = {Status.VALID: "valid", Status.INVALID: "ended", Status.SUSPENDED: "suspended"}
GRAVEST: Sequence[Flaw] = ("forged", "altered", "key_withdrawn", "unknown_issuer", "malformed")
PICTURES = (b"\x89PNG", b"\xff\xd8\xff")

QrReader = Callable[[bytes], list[str]]
"""The texts of the QR codes in a picture, or on the pages of a PDF."""


@dataclass(frozen=True, slots=True)
class Report:
    """`is_trusted`: what it was checked with did not come with the certificate itself."""

    verdict: Verdict
    is_trusted: bool
    parts: Mapping[str, Evidence]  # by file name
    facts: Evidence  # what the parts say together
    status_as_of: datetime | None  # when its status list was signed; None: there is none, or it is too old
    is_in_ledger: bool | None  # None: no proof, or no key to check it with
    is_sm2_sealed: bool | None  # by the key that came with the seal. None: no SM2 seal, or no document

    @property
    def exit_code(self) -> int:
        """0 valid, 1 not valid, 2 cannot tell."""
        if self.verdict.code == "status_unknown" or (self.verdict.holds and not self.is_trusted):
            return 2
        return 0 if self.verdict.holds else 1


def check(shown: Material, trust: Material | None, now: datetime, codes_in: QrReader) -> Report:
    """`trust` None: only whether what is shown agrees with itself."""
    by = shown if trust is None else trust
    parts = {name: one for file in shown.shown.items() for name, one in _read(*file, by, codes_in)}
    facts = reduce(_joined, parts.values(), Evidence(None))
    listing = _listing(facts, _lists(shown, by, now))
    is_in_ledger = _is_in_ledger(shown, by, facts)
    is_sm2_sealed = _is_sm2_sealed(shown)
    flaw = _flaw(parts.values()) or ("altered" if False in (is_in_ledger, is_sm2_sealed) else None)
    verdict = (
        Verdict(flaw, _since(flaw, parts.values())) if flaw else judge(_standing(facts, listing), day_in_shanghai(now))
    )
    as_of = listing.issued_at if listing else None
    return Report(verdict, trust is not None, parts, facts, as_of, is_in_ledger, is_sm2_sealed)


def _read(name: str, content: bytes, by: Material, codes_in: QrReader) -> Iterator[tuple[str, Evidence]]:
    """A picture is its QR codes; a document is itself and the codes on its pages.

    For a code on a page that is as it was sealed the seal answers, whatever became of the key of the code.
    """
    is_picture = content.startswith(PICTURES)
    kind = recognise(content)
    whole = None if is_picture or kind is None else evidence.read(content, by.keys, by.roots)
    if is_picture or kind == "document":
        keys = vouched_for(by.keys) if whole and whole.flaw is None else by.keys
        for number, code in enumerate(codes_in(content), 1):
            yield f"{name}, QR code {number}", evidence.read_qr(code, keys)
    if whole:
        yield name, whole


def _flaw(parts: Iterable[Evidence]) -> Flaw | None:
    """The gravest; parts that are of different certificates do not belong together."""
    found = list(parts)
    if not found:
        return "malformed"
    flaws = {one.flaw for one in found}
    if flaw := next((one for one in GRAVEST if one in flaws), None):
        return flaw
    return "altered" if len({one.identifier for one in found}) > 1 else None


def _since(flaw: Flaw, parts: Iterable[Evidence]) -> datetime | None:
    return next((one.flawed_since for one in parts if one.flaw == flaw), None)


def _joined(facts: Evidence, part: Evidence) -> Evidence:
    """What is known already stays; nothing is taken from a part with a flaw."""
    if part.flaw is not None:
        return facts
    known = {field.name: getattr(facts, field.name) or getattr(part, field.name) for field in fields(Evidence)}
    return Evidence(**known)


def _standing(facts: Evidence, listing: StatusList | None) -> Standing:
    status = listing.status(facts.status[1]) if listing and facts.status else None
    return Standing(facts.valid_from, facts.valid_to, LISTED.get(status) if status is not None else None)


def _lists(shown: Material, by: Material, now: datetime) -> Iterator[StatusList]:
    """Those that may be believed: signed by a key that is trusted, and not too old."""
    for token in {*shown.status_lists, *by.status_lists}:
        found = _opened(token, by.keys)
        if found is not None and not found.has_expired(now):
            yield found


def _opened(token: str, keys: Keys) -> StatusList | None:
    try:
        return open_status_list(token, keys)
    except (NotReadable, UnknownKey, WrongSignature):
        return None


def _listing(facts: Evidence, lists: Iterable[StatusList]) -> StatusList | None:
    """The latest of the list that its status is in."""
    if facts.status is None:
        return None
    ours = [one for one in lists if one.uri.endswith(facts.status[0])]
    return max(ours, key=lambda one: one.issued_at, default=None)


def _is_in_ledger(shown: Material, by: Material, facts: Evidence) -> bool | None:
    """Whether the ledger holds the issuing of this certificate, with this document and this SM2 seal."""
    if shown.proof is None or shown.proof.checkpoint is None or by.ledger_key is None:
        return None
    try:
        # what is trusted comes first; whether a statement goes on from there its signatures tell
        proven = proof.verify(shown.proof, by.ledger_key, [*by.ledger_statements, *shown.ledger_statements])
    except (NotProven, NotReadable):
        return False
    is_same_document = facts.sha256 is None or proven.document in (None, facts.sha256)
    is_same_seal = shown.sm2_seal is None or proven.sm2_seal in (None, shown.sm2_seal.signature)
    return proven.identifier == facts.identifier and is_same_document and is_same_seal


def _is_sm2_sealed(shown: Material) -> bool | None:
    documents = [content for content in shown.shown.values() if recognise(content) == "document"]
    if shown.sm2_seal is None or not documents:
        return None
    return all(shown.sm2_seal.is_over(document) for document in documents)
