"""By which rules `tongban settle` settles: those the bills bring, or a shipped policy's for one case."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from services.insurance.domain.no_rule import FILING
from services.insurance.domain.policy import Part, Policy
from services.insurance.domain.rules import Rules
from services.insurance.domain.situation import Filing, Level, Place, Situation
from shared.standards.text import Text


@dataclass(frozen=True, slots=True)
class Basis:
    """Rules, and the ids of those of a policy."""

    rules: Rules
    ids: Mapping[Part, str] | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A discharge under a policy."""

    policy: Policy
    discharged_on: date
    level: Level
    place: Place
    filing: Filing
    insured_class: str

    def basis(self) -> Basis:
        """Raises Invalid where the policy lays nothing down."""
        situation = Situation(self.level, self.place, self.filing, self.insured_class)
        chosen = self.policy.rules_for(self.discharged_on, situation)
        return Basis(chosen.rules, chosen.ids)

    def but(self, discharged_on: date | None, filing: Filing | None) -> "Case":
        return replace(self, discharged_on=discharged_on or self.discharged_on, filing=filing or self.filing)

    def what_differs(self, other: "Case") -> Text:
        """What is different about the other case, as the beginning of a sentence."""
        told = []
        if other.discharged_on != self.discharged_on:
            told.append(Text(f"{other.discharged_on}出院", f"discharge on {other.discharged_on}"))
        if other.filing != self.filing:
            told.append(FILING[other.filing])
        english = " and ".join(text.en for text in told)
        return Text("、".join(text.zh for text in told), english[:1].upper() + english[1:])
