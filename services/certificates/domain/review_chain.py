"""Who reviews, one after the other: as a type says it, and as an application pins it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from services.certificates.domain.definition_problem import Problem
from services.certificates.domain.issuer import Issuer, IssuerClass
from shared.contracts.certificates import ReviewStep
from shared.contracts.identity import Role
from shared.standards.divisions import at_level
from shared.standards.text import Text

ReviewLevel = Literal["issuer", "village", "township", "county", "city", "province"]

REVIEWERS: Mapping[IssuerClass, Role] = {
    "village": Role.reviewer,
    "township": Role.reviewer,
    "police": Role.police_reviewer,
    "health": Role.health_reviewer,
    "insurance": Role.insurance_clerk,
    "social_security": Role.social_security_clerk,
}
"""Who may review for a body of this class."""


class Review(BaseModel):
    """One review: by whoever holds `role` at this level above the place applied for, or at the issuing body."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: ReviewLevel
    role: Role


def chain(reviews: Sequence[Review], division: str, issuer: Issuer) -> tuple[ReviewStep, ...]:
    """The reviews of an application for this place, with the division of each."""
    return tuple(
        ReviewStep(
            division=issuer.division if review.level == "issuer" else at_level(division, review.level),
            role=review.role,
        )
        for review in reviews
    )


def problems(reviews: Sequence[Review], issuer: IssuerClass) -> Iterator[Problem]:
    """What cannot be meant."""
    if len(set(reviews)) < len(reviews):
        yield Problem("review", Text("有重复的审核环节。", "the same review occurs twice"))
    if strangers := {review.role for review in reviews} - {*REVIEWERS.values(), Role.leader}:
        said = ", ".join(sorted(strangers))
        yield Problem("review", Text(f"{said}不能审核。", f"{said} cannot review"))
    first = REVIEWERS[issuer]
    if reviews[0].role != first:
        text = Text(f"第一个审核环节应为{first.value}。", f"{issuer} certificates are reviewed by {first.value} first")
        yield Problem("review", text)
