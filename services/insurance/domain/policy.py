"""A policy: the dated rules of a place of insurance (参保地政策), and what they say for one situation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.insurance.domain import no_rule
from services.insurance.domain.claim import own_expense
from services.insurance.domain.rules import (
    NO_REDUCTION,
    Deductible,
    LargeAmount,
    MajorIllness,
    MedicalAssistance,
    Reduction,
    Rule,
    Rules,
)
from services.insurance.domain.situation import FILINGS, LEVELS, PLACES, Filing, Level, Place, Situation
from services.insurance.domain.values import Amount, Proportion, proportion_text
from shared.contracts.insurance import BilledItem
from shared.standards.text import Text

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
InsuredAs = Literal["resident", "employee"]
Part = Literal["deductible", "ratio", "reduction", "cap", "ci", "ma", "large"]


class Tier(Rule):
    """Deductible and ratio in hospitals of these levels in these places; of any where none is named."""

    name: Text
    levels: tuple[Level, ...] = Field(default=LEVELS, min_length=1)
    places: tuple[Place, ...] = Field(default=PLACES, min_length=1)
    deductible: Deductible
    ratio: Proportion


class Away(Rule):
    """What filing, or the lack of it, takes off in these places; None is nothing."""

    name: Text
    places: tuple[Place, ...] = Field(default=PLACES, min_length=1)
    filings: tuple[Filing, ...] = Field(default=FILINGS, min_length=1)
    reduction: Reduction | None


class InsuredClass(Rule):
    """Major illness and medical assistance of a class of the insured; None: not of this policy.

    `ratios`: of a class that is paid other ratios than the tiers say; a tier not among them is not in the policy.
    """

    name: Text
    ci: MajorIllness | None
    ma: MedicalAssistance | None
    ratios: Mapping[Name, Proportion] | None = None


class Relief(Rule):
    """What the insured are spared in these cases: the same bill, by what an earlier version took off for it."""

    name: Text
    compared_with: Identifier
    places: tuple[Place, ...] = Field(min_length=1)
    filings: tuple[Filing, ...] = Field(min_length=1)


class Version(Rule):
    """What holds for discharges from one day to another, both included."""

    version: Identifier
    valid_from: date
    valid_to: date
    source: tuple[Text, ...] = Field(min_length=1)
    tiers: Mapping[Name, Tier] = Field(min_length=1)
    cap: Amount
    away: Mapping[Name, Away] = Field(min_length=1)
    classes: Mapping[Name, InsuredClass] = Field(min_length=1)
    large: LargeAmount | None = None
    relief: Relief | None = None
    class_c: Proportion | None = None  # first part of 丙; None: the policy names none, and it is own expense

    def first_parts_of(self, policy: Text, items: tuple[BilledItem, ...]) -> tuple[BilledItem, ...]:
        """Class C as this policy has it. Raises Invalid where the bill names a part that the policy does not."""
        return tuple(self._first_part(policy, number, one) for number, one in enumerate(items))

    def _first_part(self, policy: Text, number: int, one: BilledItem) -> BilledItem:
        if one.category != "C":
            return one
        named = Decimal(one.selfpay_prop) if one.selfpay_prop else None
        if one.own == one.amt - one.overlimit and not named:
            return own_expense(one)  # the hospital says so itself, or a policy did
        if self.class_c is None:
            if named is None or named == 1:
                return own_expense(one)
            raise no_rule.no_class_c(policy, number)
        if named is not None and named != self.class_c:
            raise no_rule.another_class_c(policy, number, self.class_c)
        return one.model_copy(update={"selfpay_prop": proportion_text(self.class_c)})

    def least_paying_level(self, place: Place) -> Level:
        """For an estimate that promises nobody too much. The first level where no tier holds in that place."""
        here = [tier for tier in self.tiers.values() if place in tier.places]
        return min(here, key=lambda tier: tier.ratio).levels[0] if here else LEVELS[0]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The rules for one situation, and the id of each it came from: "guangxi-residents-2023-07/ratio.level3_city"."""

    rules: Rules
    version: str
    ids: Mapping[Part, str]


class Policy(Rule):
    """Of one place of insurance and one kind of insured; versions from the oldest on."""

    policy: Identifier
    name: Text
    division: str  # 12 digits
    insured_as: InsuredAs
    assumed: tuple[Text, ...] = ()  # what is in the file and in no source
    versions: tuple[Version, ...] = Field(min_length=1)

    def rules_for(self, discharged_on: date, situation: Situation) -> Chosen:
        """Raises Invalid naming `discharged_on`, `level`, `filing` or `person_class` where nothing is laid down."""
        version = self.version_on(discharged_on)
        tier_name, tier = self._tier(version, situation)
        away_name, away = self._away(version, situation)
        insured = version.classes.get(situation.insured_class)
        if insured is None:
            raise no_rule.unknown_class(self.name, {id: one.name for id, one in version.classes.items()})
        ratio, ratio_id = tier.ratio, f"ratio.{tier_name}"
        if insured.ratios is not None:
            if tier_name not in insured.ratios:
                raise no_rule.no_ratio(self.name, insured.name, tier.name)
            ratio, ratio_id = insured.ratios[tier_name], f"ratio.{tier_name}.{situation.insured_class}"
        rules = Rules(
            deductible=tier.deductible,
            ratio=ratio,
            reduction=away.reduction or NO_REDUCTION,
            cap=version.cap,
            ci=insured.ci,
            ma=insured.ma,
            large=version.large,
        )
        used: dict[Part, str] = {
            "deductible": f"deductible.{tier_name}",
            "ratio": ratio_id,
            "reduction": f"away.{away_name}",
            "cap": "cap",
            "ci": f"ci.{situation.insured_class}",
            "ma": f"ma.{situation.insured_class}",
            "large": "large",
        }
        return Chosen(rules, version.version, {part: f"{version.version}/{rule}" for part, rule in used.items()})

    def unrelieved(self, discharged_on: date, situation: Situation) -> tuple[Reduction, str] | None:
        """What would have been taken off before the relief, and the relief's rule. None: nothing is relieved."""
        version = self.version_on(discharged_on)
        relief = version.relief
        if relief is None or situation.place not in relief.places or situation.filing not in relief.filings:
            return None
        before = next(one for one in self.versions if one.version == relief.compared_with)
        _, old = self._away(before, situation)
        return old.reduction or NO_REDUCTION, f"{version.version}/relief"

    def version_on(self, day: date) -> Version:
        """Raises Invalid where nothing is laid down for that day: another year's rules are never taken instead."""
        for version in self.versions:
            if version.valid_from <= day <= version.valid_to:
                return version
        raise no_rule.no_version(self.name, day, self.versions[0].valid_from, self.versions[-1].valid_to)

    def _tier(self, version: Version, situation: Situation) -> tuple[str, Tier]:
        for name, tier in version.tiers.items():
            if situation.level in tier.levels and situation.place in tier.places:
                return name, tier
        raise no_rule.no_tier(self.name, situation.level, situation.place)

    def _away(self, version: Version, situation: Situation) -> tuple[str, Away]:
        for name, away in version.away.items():
            if situation.place in away.places and situation.filing in away.filings:
                return name, away
        raise no_rule.no_away_rule(self.name, situation.place, situation.filing)
