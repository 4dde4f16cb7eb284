"""What the rules of insurance say when they say no."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.contracts.errors import Invalid, NotAllowed, NotFound, Refused
from shared.contracts.insurance import HeldRefused, MaternityAllowancePaymentRejected
from shared.standards.errors import NotValid
from shared.standards.line import one_line
from shared.standards.text import Text

TEXT_LENGTH = 200  # characters


def month_zh(month: str) -> str:
    """ "2026-07" -> "2026年7月"."""
    year, _, number = month.partition("-")
    return f"{year}年{int(number)}月"


def no_such_insured() -> NotFound:
    return NotFound(
        "no_such_insured",
        "未查到该参保人，请核对身份信息；如尚未参保，请先办理参保登记。",
        "There is no such insured person; please check who it is, or enrol the person first.",
    )


def not_in_register() -> NotFound:
    return NotFound(
        "not_in_register",
        "未收到该公民身份号码的户籍信息，请核对号码；新登记的人员请稍后重试。",
        "The household register has told us of no such number; please check it, or try again in a moment for somebody "
        "who was entered just now.",
    )


def which_hospital() -> Invalid:
    text = Text(
        "您负责的区划内没有或不止一家定点医疗机构，请写明医疗机构代码。",
        "Your division has no designated hospital, or several; please name the hospital's code.",
    )
    return Invalid("which_hospital", *text, fields={"hospital": text})


def another_hospital() -> NotAllowed:
    return NotAllowed(
        "another_hospital",
        "您是其他医疗机构的结算窗口，请由该机构的窗口办理。",
        "You serve at another hospital's window; please leave it to the window of this one.",
    )


def no_such_settlement() -> NotFound:
    """Also for one that is another person's or another hospital's: whether it exists is not told."""
    return NotFound(
        "no_such_settlement",
        "没有找到该结算单，请从结算记录中打开。",
        "There is no such settlement; please open it from the list.",
    )


def no_such_allowance() -> NotFound:
    return NotFound(
        "no_such_allowance",
        "没有找到该生育津贴，请从“我的医保”中打开。",
        "There is no such allowance; please open it from your list.",
    )


def unknown_hospital() -> Invalid:
    text = Text(
        "该医疗机构不是定点医疗机构，请核对统一社会信用代码。",
        "This is no designated hospital; please check its unified social credit code.",
    )
    return Invalid("unknown_hospital", *text, fields={"hospital": text})


def no_hospital_here() -> NotAllowed:
    return NotAllowed(
        "no_hospital_here",
        "您负责的区划内没有定点医疗机构，不能查询参保信息；请联系管理员核对任职。",
        "There is no designated hospital in your division, so you cannot look up the insured; please have your "
        "appointment checked.",
    )


def class_before_transfer(transferred: date) -> Invalid:
    text = Text(
        f"参保地自{transferred}起转入，此前的人员类别以转出地认定为准；请填写该日或之后的日期。",
        f"The insurance was transferred here from {transferred} on, and what held before was for the old place to say; "
        "please give that day or a later one.",
    )
    return Invalid("class_before_transfer", *text, fields={"valid_from": text})


def too_young_to_retire(age: int, day: date, least: int) -> Invalid:
    """`age`: on the day from which the class is to hold."""
    text = Text(
        f"参保人在{day}为{age}周岁，未达到退休的最低年龄（{least}周岁），不能认定为退休人员；请核对人员类别和日期。",
        f"The insured person was {age} years old on {day} and cannot be retired below {least}; please check the class "
        "and the date.",
    )
    return Invalid("too_young_to_retire", *text, fields={"person_class": text})


def already_insured() -> Refused:
    return Refused(
        "already_insured",
        "该人员已参保；转移参保地，请由转入地办理转移接续。",
        "This person is insured already; to move to another place of insurance, its clerk records the transfer.",
    )


def same_region() -> Invalid:
    text = Text(
        "该人员现已在该地参保，无须转移；请核对转入地。",
        "This person is insured in that place now; please check where the insurance is to be transferred.",
    )
    return Invalid("same_region", *text, fields={"region": text})


def settled_since(latest: date) -> Refused:
    """`latest`: discharge of the last settlement on or after the day of the transfer."""
    return Refused(
        "settled_since",
        f"该人员已有出院日为{latest}的结算，转移不得从该日或更早起；请改为之后的日期，或先由医疗机构冲销。",
        f"A bill with the discharge on {latest} is settled already, so the transfer cannot begin on or before that "
        "day; please choose a later one, or have the hospital reverse the settlement first.",
        latest=latest.isoformat(),
    )


def already_lapsed() -> Refused:
    return Refused(
        "already_lapsed",
        "该人员已停保；恢复参保请办理续保。",
        "This insurance has lapsed already; to be insured again, record the return.",
    )


def employees_only() -> Refused:
    return Refused(
        "employees_only",
        "此项业务仅适用于职工医保参保人，请核对参保类型。",
        "This is for insured employees only; please check the kind of insurance.",
    )


def month_credited(month: str, amount: Decimal) -> Refused:
    return Refused(
        "month_credited",
        f"{month_zh(month)}的个人账户已划入{amount}元，不能重复划入不同金额；请核对缴费记录。",
        f"For {month} {amount} yuan were credited already; please compare the contribution record.",
        amount=str(amount),
    )


def dates_out_of_order(field: str, earliest: date) -> Invalid:
    text = Text(f"不得早于{earliest}，请核对日期。", f"It may not be before {earliest}; please check the date.")
    return Invalid("dates_out_of_order", *text, fields={field: text})


def in_the_future(field: str) -> Invalid:
    text = Text("不得晚于今天，请核对日期。", "It may not be after today; please check the date.")
    return Invalid("dates_out_of_order", *text, fields={field: text})


def not_positive(field: str) -> Invalid:
    text = Text("金额须大于零，请核对。", "The amount must be above zero; please check it.")
    return Invalid("amount", *text, fields={field: text})


def no_month(field: str) -> Invalid:
    text = Text("月份应写作 2023-07 这样的形式。", "Write the month such as 2023-07.")
    return Invalid("month", *text, fields={field: text})


def not_insured(day: date, first: date | None, lapsed: date | None) -> Refused:
    """`first`: insured from then on; `lapsed`: not any more from then on. Both None: never insured."""
    if lapsed is not None and lapsed <= day:
        return Refused(
            "insurance_lapsed",
            f"参保人自{lapsed}起停保，出院日{day}不在参保期内；请先办理续保，或按自费结算。",
            f"The insurance lapsed from {lapsed} on and does not cover the discharge on {day}; record the return "
            "first, or let the patient pay in full.",
        )
    if first is not None:
        return Refused(
            "not_yet_insured",
            f"参保人自{first}起参保，出院日{day}不在参保期内；请按自费结算。",
            f"The insurance begins on {first} and does not cover the discharge on {day}; the patient pays in full.",
        )
    return Refused(
        "not_insured",
        "该人员未参保，不能按医保结算；请先办理参保登记，或按自费结算。",
        "This person is not insured; enrol the person first, or let the patient pay in full.",
    )


def nothing_due() -> Refused:
    return Refused(
        "nothing_due",
        "截至该月末没有应付而未付的款项，无须支付；请核对月份。",
        "Up to that month's end nothing is due that was not ordered before; please check the month.",
    )


def ordered_already() -> Refused:
    return Refused(
        "ordered_already",
        "该月的款项已下达付款，无须再次提出；请在付款台账中查看。",
        "What that month came to is ordered already; see the list of payments.",
    )


def nothing_to_order() -> Refused:
    return Refused(
        "nothing_to_order",
        "没有被银行退回、需要重新拨付的款项；请核对月份。",
        "The bank has rejected nothing that would have to be ordered once more; please check the month.",
    )


def bill_number_reused() -> Refused:
    return Refused(
        "bill_number_reused",
        "该账单号已用于另一份账单；请核对账单号，更正后的账单请使用新的账单号。",
        "This bill number was used for another bill; please check it, and give a corrected bill a number of its own.",
    )


def undone_since() -> Refused:
    """A repeated request is answered by how things stand now."""
    return Refused(
        "undone_since",
        "该账单此前已结算，后来已冲销；如需再次结算，请使用新的账单号重新提交。",
        "This bill was settled once and has been undone since; to bill it again, send it under a new bill number.",
    )


def taken_back_since() -> Refused:
    """Of a bill that was held and never settled."""
    return Refused(
        "taken_back_since",
        "该账单曾待核实，后已由窗口撤回，从未结算；如需结算，请使用新的账单号重新提交。",
        "This bill was held and has been taken back by the window since; it never was settled. To bill it again, "
        "send it under a new bill number.",
    )


def changed_since() -> Refused:
    return Refused(
        "changed_since",
        "该请求此前已办理，但办理结果后来已变更；请先核对目前的办理结果，如仍需办理，请作为新的请求提交。",
        "This request was carried out once, and its outcome has been changed since; look how things stand now, and if "
        "it is still wanted, send it as a new request with a new Idempotency-Key.",
    )


def asked_back() -> Refused:
    return Refused(
        "asked_back",
        "该结算的基金支付已责令退回，不能冲销或重新结算；请按退款程序办理。",
        "What the funds paid for this settlement is ordered to be paid back, so it can be neither reversed nor settled "
        "anew; please settle the repayment.",
    )


def cover_void() -> Refused:
    return Refused(
        "cover_void",
        "该人员的户口登记已被撤销，参保登记自始无效，不能办理；如有疑问，请向户籍窗口核实。",
        "The person's entry in the household register was annulled, and the cover is void from its beginning; if that "
        "seems wrong, please ask at the counter of the register.",
    )


def no_such_held() -> NotFound:
    """Also for one of another place: whether it exists is not told."""
    return NotFound(
        "no_such_held",
        "没有找到该待核实事项，请从待核实列表中打开。",
        "There is no such held payment; please open it from the list.",
    )


def no_such_repayment() -> NotFound:
    return NotFound(
        "no_such_repayment",
        "没有找到该退款决定，请从退款列表中打开。",
        "There is no such order to pay back; please open it from the list.",
    )


def repayment_ended() -> Refused:
    return Refused(
        "repayment_ended",
        "该退款决定已办结，无须再次处理；请刷新后查看。",
        "This order to pay back has come to its end already; please reload it.",
    )


def held_decided(status: str) -> Refused:
    words = {
        "released": Text("核实通过", "released"),
        "refused": Text("核实不予支付", "refused"),
        "withdrawn": Text("撤回", "withdrawn"),
    }[status]
    return Refused(
        "held_decided",
        f"该事项已{words.zh}，不能再次决定；请刷新后查看。",
        f"This held payment was {words.en} already; please reload it.",
        status=status,
    )


def held_refused(decided: object) -> Refused:
    """`decided`: how the officers decided."""
    zh, en = (decided.reason_zh, decided.reason_en) if isinstance(decided, HeldRefused) else ("", "")
    return Refused(
        "held_refused",
        f"经两名经办人核实，该款项不予支付。理由：{zh}。如有异议，可向参保地医保经办机构申请复核。",
        f"Two officers looked at it and it is not paid. Reason: {en}. If you disagree, ask the office of insurance to "
        "look at it once more.",
    )


def nothing_proposed() -> Refused:
    return Refused(
        "nothing_proposed",
        "没有与此一致的待确认建议，请先由一名经办人提出。",
        "Nothing like this is proposed; one officer proposes it first.",
    )


def stale_proposal() -> Refused:
    return Refused(
        "stale_proposal",
        "提出建议之后情况已有变化，请重新查看并重新提出。",
        "Things have changed since it was proposed; please look at it again and propose it anew.",
    )


def another_must_decide() -> NotAllowed:
    return NotAllowed(
        "another_must_decide",
        "须由提出人以外的另一名经办人确认，请转交他人。",
        "It is confirmed by another person than who proposed it; please pass it on.",
    )


def reversed_already() -> Refused:
    return Refused(
        "already_reversed",
        "该结算已冲销，不能再次冲销；请刷新后查看。",
        "This settlement is reversed already; please reload it.",
    )


def out_of_order(latest: UUID) -> Refused:
    return Refused(
        "reversal_out_of_order",
        "该参保人本年度在此之后另有结算，须从最近一笔起依次冲销。",
        "There are later settlements of this person in this year; reverse those first, the latest one first.",
        latest=str(latest),
    )


def not_own_fund() -> NotAllowed:
    return NotAllowed(
        "outside_division",
        "该统筹区的基金不由您所在的机构管理，请转交当地医保经办人员。",
        "The fund of this region is not kept by your office; please pass it to the staff who serve there.",
    )


def which_region() -> Invalid:
    text = Text(
        "您负责的区划内不止一个统筹区，请写明统筹区代码（region）。",
        "Your division has several regions of insurance; please name one (region).",
    )
    return Invalid("which_region", *text, fields={"region": text})


def allowance_decided(status: str) -> Refused:
    words = {"confirmed": Text("已确认", "confirmed"), "paid": Text("已发放", "paid")}[status]
    return Refused(
        "allowance_decided",
        f"与该结算有关的生育津贴{words.zh}，不能直接冲销；请先联系参保地经办机构处理津贴。",
        f"The maternity allowance that rests on this settlement is {words.en}; the office of insurance settles "
        "that first.",
        status=status,
    )


def allowance_withdrawn() -> Refused:
    return Refused(
        "allowance_withdrawn",
        "该生育津贴所依据的结算已冲销，不能确认；重新结算后将再次生成。",
        "The settlement this allowance rests on was reversed; it is prepared anew with the next settlement.",
    )


def another_account_needed(rejection: MaternityAllowancePaymentRejected | None) -> Refused:
    reason = rejection.reason if rejection else ""
    return Refused(
        "another_account_needed",
        f"银行未能付款（{reason}）。请先登记另一个收款账户，再确认一次。",
        f"The bank did not pay ({reason}). Please name another account first, then confirm once more.",
    )


def later_month_closed(month: str, later: str) -> Refused:
    return Refused(
        "later_month_closed",
        f"{month_zh(later)}已关账，{month_zh(month)}的款项已作为更正计入其后的月份，无须再关账。",
        f"{later} is closed already; what belongs to {month} is in a later month, as a correction. Nothing is left to "
        "close.",
        later=later,
    )


def earlier_month_open(earlier: str) -> Refused:
    return Refused(
        "earlier_month_open",
        f"{month_zh(earlier)}尚未关账，请按月份先后依次关账。",
        f"{earlier} is still open; please close months in their order.",
        earlier=earlier,
    )


def said(field: str, text: str, *, is_drawn: bool = False) -> str:
    """What a person wrote, as `one_line` takes it. Raises Invalid with its sentence."""
    try:
        return one_line(text, TEXT_LENGTH, is_drawn=is_drawn)
    except NotValid as wrong:
        raise Invalid("text", *wrong.text, fields={field: wrong.text}) from None
