"""What a bill comes to for an insured person: the situation, the rules that hold for it, the sheet. Pure; a quote and a
settlement go through here alike."""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from services.insurance.domain import refusals
from services.insurance.domain.accumulators import Accumulators
from services.insurance.domain.claim import Claim, bill_of
from services.insurance.domain.events import TreatmentAwayFiled
from services.insurance.domain.explain import explain
from services.insurance.domain.hospital import Hospital
from services.insurance.domain.insured_state import Insured
from services.insurance.domain.policy import Chosen, InsuredAs, Policy
from services.insurance.domain.rules import Rules
from services.insurance.domain.settle import settle
from services.insurance.domain.sheet import Sheet
from services.insurance.domain.situation import Filing, Situation, place_of
from shared.contracts.insurance import BilledItem, ExplainedLine, SettlementSheet, YearTotals
from shared.standards.divisions import is_within
from shared.standards.money import ZERO


class PolicyBook(Protocol):
    def of(self, division: str, insured_as: InsuredAs) -> Policy:
        """Of the place of insurance. Raises Invalid where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Priced:
    region: str  # of insurance, on the day of discharge
    situation: Situation
    policy: Policy
    chosen: Chosen
    items: tuple[BilledItem, ...]  # as the policy takes them
    result: Sheet
    relief: Decimal  # what the same bill would have cost the person more before the policy's relief
    relief_rule: str | None  # by which relief; None: none applies

    @property
    def sheet(self) -> SettlementSheet:
        return SettlementSheet.model_validate(self.result.as_json())

    @property
    def lines(self) -> tuple[ExplainedLine, ...]:
        return tuple(
            ExplainedLine(field=line.field, zh=line.words.zh, en=line.words.en, formula=line.formula, rules=line.rules)
            for line in explain(self.result, self.chosen.rules, self.chosen.ids)
        )

    @property
    def before(self) -> YearTotals:
        return YearTotals.model_validate(asdict(self.result.acc_before))

    @property
    def after(self) -> YearTotals:
        return YearTotals.model_validate(asdict(self.result.acc_after))


def require_cover(insured: Insured, day: date) -> str:
    """The place they are insured with on that day. Raises Refused where there is none."""
    if insured.voided:
        raise refusals.cover_void()
    if period := insured.period_on(day):
        return period.region
    ends = [period.end for period in insured.periods if period.end is not None and period.end <= day]
    raise refusals.not_insured(day, insured.periods[0].start, max(ends, default=None))


def price(
    insured: Insured, claim: Claim, hospital: Hospital, policies: PolicyBook, *, filing: Filing | None = None
) -> Priced:
    """`filing`: supposed, for a what-if; else what is on record. Raises Refused: not covered; Invalid: no rules."""
    day = claim.discharged_on
    region = require_cover(insured, day)
    situation = Situation(
        level=hospital.level,
        place=place_of(region, hospital.division),
        filing=filing or filing_of(insured, claim, hospital),
        insured_class=insured.class_on(day),
    )
    policy = policies.of(region, insured.insured_as)
    chosen = policy.rules_for(day, situation)
    billed = policy.version_on(day).first_parts_of(policy.name, claim.items)
    items, totals = bill_of(billed).items, totals_of(insured, claim.year)
    result = settle(chosen.rules, totals, items, insured.account)
    relief, relief_rule = ZERO, None
    if before := _unrelieved(policy, chosen.rules, situation, day):
        relief, relief_rule = settle(before[0], totals, items).psn_part_amt - result.psn_part_amt, before[1]
    return Priced(region, situation, policy, chosen, billed, result, relief, relief_rule)


def totals_of(insured: Insured, year: int) -> Accumulators:
    """As the next settlement of that year finds them."""
    settled = insured.years.get(year)
    return Accumulators(**settled[-1].after.model_dump()) if settled else Accumulators()


def filing_of(insured: Insured, claim: Claim, hospital: Hospital) -> Filing:
    """An emergency counts as filed, whatever is on record; a referral before a mere filing."""
    if claim.is_emergency:
        return "emergency"
    kinds = {one.kind for one in insured.filings if _covers(one, claim, hospital)}
    return "referred" if "referred" in kinds else "filed" if "filed" in kinds else "none"


def _covers(filing: TreatmentAwayFiled, claim: Claim, hospital: Hospital) -> bool:
    is_in_time = filing.valid_from <= claim.admitted_on <= filing.valid_to
    return is_in_time and is_within(hospital.division, filing.area)


def _unrelieved(policy: Policy, rules: Rules, situation: Situation, day: date) -> tuple[Rules, str] | None:
    """The same rules, but with what was taken off before the policy's relief, and the relief's id.

    None where nothing was given up, or nothing would have been taken off.
    """
    found = policy.unrelieved(day, situation)
    if found is None or found[0] == rules.reduction:
        return None
    return rules.model_copy(update={"reduction": found[0]}), found[1]
