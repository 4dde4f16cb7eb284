"""The examinations that this department asks for, and their limits. What they need is loaded in the inspector alone."""

from typing import Final

from services.certificates.domain.evidence_kind import LARGEST_FILE
from services.certificates.images.own_hand import LARGEST as LARGEST_PICTURE
from shared.inspection.job import Job
from shared.inspection.limits import MIB, Limits

_HERE: Final = "services.certificates.inspection"

DOCUMENT: Final = Job("document", f"{_HERE}.document:examine", Limits(content=5 * MIB, processor=2, memory=128 * MIB))
PAPER: Final = Job("paper", f"{_HERE}.paper:examine", Limits(content=LARGEST_FILE, processor=3, memory=128 * MIB))
PICTURE: Final = Job(
    "picture",
    f"{_HERE}.picture:examine",
    # larger ones are told the limit by the examination itself
    Limits(content=MIB, processor=1, memory=64 * MIB, answer=2 * LARGEST_PICTURE),
    field="picture",
)
JOBS: Final = (DOCUMENT, PAPER, PICTURE)
