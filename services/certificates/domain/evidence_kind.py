"""What a type asks an applicant to show, as files."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.standards.text import Text

MANDATE = "mandate"  # the paper of who acts for the applicant; no type may call one of its own so
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

    def is_shown_by(self, held: frozenset[str]) -> bool:
        """Whether someone who holds valid certificates of these types need not bring it."""
        return not held.isdisjoint(self.instead_of_evidence)
