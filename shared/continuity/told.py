"""Answers about our history from all who were asked, gathered. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

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
    ledgers: list[Leaves] = field(default_factory=list)
    earlier: list[Leaves] = field(default_factory=list)  # of eras that are over: what is proved by them is ours as well

    def add(self, other: "Told") -> None:
        self.claims += other.claims
        self.ledgers += other.ledgers
        self.earlier += other.earlier

    @property
    def genuine(self) -> dict[bytes, int]:
        """Leaves that lead to a head of ours, with their positions."""
        return {leaf: position for one in (*self.earlier, *self.ledgers) for position, leaf in one.by_position.items()}

    @property
    def leaves(self) -> dict[int, bytes]:
        """Of the present eras: what stands at each position where our log has something else, or nothing."""
        return {position: leaf for one in self.ledgers for position, leaf in one.by_position.items()}

    def by_id(self) -> list[Claim]:
        """Each event once under each of its numbers; what is known to be genuine before what is only said."""
        genuine = self.genuine
        best: dict[tuple[str, int, object], Claim] = {}
        for claim in self.claims:
            key = (claim.feed.full_name, claim.sequence, claim.id)
            if key not in best or is_genuine(claim, genuine):
                best[key] = claim
        return list(best.values())


def is_genuine(claim: Claim, genuine: Mapping[bytes, int]) -> bool:
    return claim.is_trusted or (claim.leaf is not None and claim.leaf in genuine)
