"""Answers about our history from all who were asked, gathered. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from shared.continuity.claims import Claim


@dataclass(frozen=True, slots=True)
class Leaves:
    """Of a ledger that we have signed and a neighbour has witnessed: what stands after the part that is ours as well.

    `shared`: as its head says, of each epoch after the first, the leaves that it shares with those before.
    """

    after: int
    leaves: tuple[bytes, ...] = ()
    shared: tuple[int, ...] = ()

    @property
    def by_position(self) -> Mapping[int, bytes]:
        return dict(enumerate(self.leaves, start=self.after + 1))


@dataclass(slots=True)
class Told:
    """By whoever has answered."""

    claims: list[Claim] = field(default_factory=list)
    ledgers: list[Leaves] = field(default_factory=list)  # as they are now, and as they were before a later epoch began
    earlier: list[Leaves] = field(default_factory=list)  # of other eras: what is proved by them is ours as well
    is_whole: bool = True  # nothing more is to come: else this is a page

    def add(self, other: "Told") -> None:
        self.claims += other.claims
        self.ledgers += other.ledgers
        self.earlier += other.earlier
        self.is_whole &= other.is_whole

    @property
    def genuine(self) -> dict[bytes, int]:
        """Leaves that lead to a head of ours, with their positions."""
        return {leaf: position for one in (*self.earlier, *self.ledgers) for position, leaf in one.by_position.items()}

    def proven(self) -> list[Claim]:
        """Those that are ours beyond doubt; each event once under each of its numbers."""
        genuine = self.genuine
        found = {_key(one): one for one in self.claims if is_genuine(one, genuine)}
        return list(found.values())

    def unproven(self) -> dict[str, int]:
        """How many events are said to be ours and nothing proves it, by feed."""
        genuine = self.genuine
        proven = {_key(one) for one in self.claims if is_genuine(one, genuine)}
        said = {_key(one) for one in self.claims} - proven
        return dict(Counter(feed for feed, _, _ in said))


def _key(claim: Claim) -> tuple[str, int, UUID]:
    return claim.feed.full_name, claim.sequence, claim.id


def is_genuine(claim: Claim, genuine: Mapping[bytes, int]) -> bool:
    return claim.is_trusted or (claim.leaf is not None and claim.leaf in genuine)
