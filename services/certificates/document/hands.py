"""The two who sign a document: the reviewer, then the body with its seal."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hand:
    """In which field a signature stands, what for, and whether nothing may follow it."""

    field: str
    reason: str
    is_last: bool


REVIEWER = Hand("Reviewer", "审核 Reviewed", is_last=False)
SEAL = Hand("Seal", "签发 Issued", is_last=True)
