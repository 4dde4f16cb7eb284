"""A sheet explained line by line: the formula with its numbers, the rule it rests on, plain words for the patient."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from services.insurance.domain.labels import LABELS
from services.insurance.domain.policy import Part
from services.insurance.domain.rules import Rules
from services.insurance.domain.sheet import FIELDS, Sheet
from services.insurance.domain.why import Why
from services.insurance.domain.why_further import why_further
from services.insurance.domain.why_pool import why_pool
from shared.standards.text import Text


@dataclass(frozen=True, slots=True)
class Line:
    """`rules` are ids of a policy's rules; none for what the bill itself says or what only adds up."""

    field: str
    label: Text
    amount: Decimal
    words: Text
    formula: str
    rules: tuple[str, ...]


def explain(sheet: Sheet, rules: Rules, ids: Mapping[Part, str] | None = None) -> list[Line]:
    """Every line of a sheet that was settled by these rules. Without `ids` the parts of the rules stand for them."""
    why = {**_bill(sheet), **why_pool(sheet, rules), **why_further(sheet, rules), **_sums(sheet)}
    return [
        Line(
            field,
            LABELS[field],
            getattr(sheet, field),
            why[field].words,
            why[field].formula,
            tuple(ids[part] if ids else part for part in why[field].parts),
        )
        for field in FIELDS
    ]


def _bill(s: Sheet) -> dict[str, Why]:
    outside = f"{s.medfee_sumamt} − {s.fulamt_ownpay_amt} − {s.overlmt_selfpay} − {s.preselfpay_amt}"
    return {
        "medfee_sumamt": Why(Text("账单各项金额之和。", "All items of the bill together."), f"Σ = {s.medfee_sumamt}"),
        "fulamt_ownpay_amt": Why(
            Text(
                "医保目录以外的费用，由个人承担。", "What the insurance's catalogue does not hold; it is yours to pay."
            ),
            f"Σ = {s.fulamt_ownpay_amt}",
        ),
        "overlmt_selfpay": Why(
            Text("超过医保限价的部分，由个人承担。", "What lies above a price limit; it is yours to pay."),
            f"Σ = {s.overlmt_selfpay}",
        ),
        "preselfpay_amt": Why(
            Text(
                "目录内部分药品和项目须先自付一定比例，其余才由医保计算。",
                "Of some drugs and services you pay a part first; the insurance looks at the rest.",
            ),
            f"Σ (amt − own − overlimit) × selfpay_prop = {s.preselfpay_amt}",
        ),
        "inscp_scp_amt": Why(
            Text("医保据以计算的费用。", "The costs that the insurance counts."),
            f"{outside} = {s.inscp_scp_amt}",
        ),
    }


def _sums(s: Sheet) -> dict[str, Why]:
    return {
        "fund_pay_sumamt": Why(
            Text("由医保基金直接付给医院，无须垫付。", "The funds pay this to the hospital; you advance nothing."),
            f"{s.hifp_pay} + {s.hifmi_pay} + {s.hifob_pay} + {s.maf_pay} = {s.fund_pay_sumamt}",
        ),
        "psn_part_amt": Why(
            Text("总额减去基金支付，由您承担。", "The total less what the funds pay; this is yours to pay."),
            f"{s.medfee_sumamt} − {s.fund_pay_sumamt} = {s.psn_part_amt}",
        ),
        "acct_pay": Why(
            Text("先从您的医保个人账户支付。", "Your personal insurance account pays first."), f"{s.acct_pay}"
        ),
        "psn_cash_pay": Why(
            Text("您在窗口实际支付的金额。", "What you pay at the window."),
            f"{s.psn_part_amt} − {s.acct_pay} = {s.psn_cash_pay}",
        ),
    }
