"""A settlement's sheet (医保结算单), under the national field names."""

from dataclasses import dataclass
from decimal import Decimal

from services.insurance.domain.accumulators import Accumulators
from services.insurance.domain.values import proportion_text

FIELDS = (
    "medfee_sumamt",
    "fulamt_ownpay_amt",
    "overlmt_selfpay",
    "preselfpay_amt",
    "inscp_scp_amt",
    "act_pay_dedc",
    "effective_ratio",
    "hifp_pay",
    "penalty_share",
    "overcap",
    "ci_compliant",
    "hifmi_pay",
    "hifob_pay",
    "maf_pay",
    "fund_pay_sumamt",
    "psn_part_amt",
    "acct_pay",
    "psn_cash_pay",
)
"""What is published, in the order of the sheet."""


@dataclass(frozen=True, slots=True)
class Working:
    """Figures on the way that the sheet does not print; explaining needs them."""

    base: Decimal  # in scope, above the deductible
    prior_self_pay: Decimal  # by a reduction of that kind, of the in-scope costs
    want: Decimal  # of the pooled fund, were there no cap
    standard_share: Decimal  # the person's of the base, were there no reduction
    over_fee: Decimal  # the base beyond the cap, for the large-amount fund
    ratio_share: Decimal  # the person's within the cap, for the large-amount fund
    share_growth: Decimal  # by how much that raised the year's share above the threshold
    assisted: Decimal  # what medical assistance looks at


@dataclass(frozen=True, slots=True)
class Sheet:
    """Yuan with two places, but for `effective_ratio`. Always true:

    medfee_sumamt = fulamt_ownpay_amt + overlmt_selfpay + preselfpay_amt + inscp_scp_amt = fund_pay_sumamt +
    psn_part_amt; psn_part_amt = acct_pay + psn_cash_pay; acc_after = acc_before + used.
    """

    medfee_sumamt: Decimal
    fulamt_ownpay_amt: Decimal
    overlmt_selfpay: Decimal
    preselfpay_amt: Decimal
    inscp_scp_amt: Decimal
    act_pay_dedc: Decimal
    effective_ratio: Decimal
    hifp_pay: Decimal
    penalty_share: Decimal
    overcap: Decimal
    ci_compliant: Decimal
    hifmi_pay: Decimal
    hifob_pay: Decimal
    maf_pay: Decimal
    fund_pay_sumamt: Decimal
    psn_part_amt: Decimal
    acct_pay: Decimal
    psn_cash_pay: Decimal
    working: Working
    acc_before: Accumulators

    @property
    def used(self) -> Accumulators:
        """What this settlement adds to the year; a reversal takes exactly this away."""
        return Accumulators(
            stays=1,
            pool_used=self.hifp_pay,
            ci_self=self.ci_compliant,
            ci_paid=self.hifmi_pay,
            ma_used=self.maf_pay,
            ratio_share=self.working.ratio_share,
        )

    @property
    def acc_after(self) -> Accumulators:
        return self.acc_before.plus(self.used)

    def as_json(self) -> dict[str, str]:
        """The published fields, every value as text."""
        return {
            name: proportion_text(self.effective_ratio) if name == "effective_ratio" else str(getattr(self, name))
            for name in FIELDS
        }
