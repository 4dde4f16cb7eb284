"""What the lines of a sheet are called."""

from collections.abc import Mapping

from shared.standards.text import Text

LABELS: Mapping[str, Text] = {
    "medfee_sumamt": Text("医疗费总额", "total of the bill"),
    "fulamt_ownpay_amt": Text("全自费金额", "own expense"),
    "overlmt_selfpay": Text("超限价自费", "over the price limit"),
    "preselfpay_amt": Text("先行自付", "paid first by oneself"),
    "inscp_scp_amt": Text("政策范围内费用", "costs in scope"),
    "act_pay_dedc": Text("起付线", "deductible"),
    "effective_ratio": Text("支付比例", "ratio paid"),
    "hifp_pay": Text("统筹基金支付", "paid by the pooled fund"),
    "penalty_share": Text("因降低支付比例增加的个人负担", "borne for a reduction"),
    "overcap": Text("超过统筹基金年度限额", "above the pooled fund's yearly cap"),
    "ci_compliant": Text("计入大病保险的自付", "counted for major illness"),
    "hifmi_pay": Text("大病保险支付", "paid by major-illness insurance"),
    "hifob_pay": Text("职工大额补助支付", "paid by the employees' large-amount fund"),
    "maf_pay": Text("医疗救助支付", "paid by medical assistance"),
    "fund_pay_sumamt": Text("基金支付合计", "paid by the funds in all"),
    "psn_part_amt": Text("个人负担", "borne by the person"),
    "acct_pay": Text("个人账户支付", "paid from the personal account"),
    "psn_cash_pay": Text("个人现金支付", "paid in cash"),
}
