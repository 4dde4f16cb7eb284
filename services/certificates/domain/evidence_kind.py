"""What a type asks an applicant to show, as files."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.standards.text import Text

LARGEST_FILE = 5 * 1024 * 1024  # bytes

Media = Literal["application/pdf", "image/png", "image/jpeg"]
KindName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*$", max_length=40)]


class EvidenceKind(BaseModel):
    """One paper. `instead_of_evidence`: who holds a valid certificate of one of these types need not show it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: KindName
    label: Text
    hint: Text | None = None
    required: bool = True
    media: tuple[Media, ...] = Field(default=("application/pdf", "image/png", "image/jpeg"), min_length=1)
    max_bytes: int = Field(default=LARGEST_FILE, ge=1024, le=LARGEST_FILE)
    instead_of_evidence: tuple[KindName, ...] = ()


def still_needed(kinds: Iterable[EvidenceKind], held: frozenset[str]) -> list[EvidenceKind]:
    """What must be shown by someone who holds valid certificates of these types."""
    return [kind for kind in kinds if kind.required and not held.intersection(kind.instead_of_evidence)]
