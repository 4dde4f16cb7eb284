"""Who signs a document: the reviewer, then the body with its seal; then maybe those of a second body."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hand:
    """In which field a signature stands, what for, and whether nothing may follow it."""

    field: str
    reason: str
    is_last: bool


REVIEWER = Hand("Reviewer", "审核 Reviewed", is_last=False)
SEAL = Hand("Seal", "签发 Issued", is_last=True)
FIRST_SEAL = Hand("Seal", "签发 Issued", is_last=False)
COUNTER_REVIEWER = Hand("CounterReviewer", "核对 Checked", is_last=False)
COUNTER_SEAL = Hand("CounterSeal", "核对 Countersigned", is_last=True)

ONE_BODY = (REVIEWER.field, SEAL.field)
TWO_BODIES = (*ONE_BODY, COUNTER_REVIEWER.field, COUNTER_SEAL.field)
