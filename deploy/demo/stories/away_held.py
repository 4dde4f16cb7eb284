"""A bill whose days overlap another hospital's is held: two officers decide, the patient is told, no fund pays."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from deploy.demo.actors import Actor
from deploy.demo.expectations import expect, expect_in
from deploy.demo.patience import until
from deploy.demo.scene import Scene
from deploy.demo.stories.away_cast import HOME_TOTAL, HOME_WINDOW, OFFICER, SECOND_OFFICER, AwayCast
from deploy.demo.stories.away_window import SETTLEMENTS
from shared.standards.text import Text

WINDOW = Text("平南县医院窗口", "window of her county's hospital")
CALLED = {
    OFFICER: Text("参保地医保经办人", "officer where she is insured"),
    SECOND_OFFICER: Text("参保地医保另一经办人", "a second officer there"),
}
REASON_ZH = "经与两家医院病历核对，在平南县住院为6月12日至18日，账单日期有误"
REASON_EN = "By the records of both hospitals she was in Pingnan from 12 to 18 June; the bill's dates are wrong."
REFUSE = {"decision": "refuse", "reason_zh": REASON_ZH, "reason_en": REASON_EN}

POOLED, ILLNESS = "pooled_fund:450800000000", "major_illness:450800000000"
"""Accounts of the funds of 贵港."""

Book = dict[str, str]


@dataclass(frozen=True, slots=True)
class Held:
    amount: str  # yuan, that no fund paid
    fund: str  # yuan, that the funds pay of the bill as corrected


async def is_decided_by_two(scene: Scene, cast: AwayCast, mother: Actor) -> Held:
    window = await _signs_in(scene, cast, HOME_WINDOW, WINDOW)
    first, second = [await _signs_in(scene, cast, login, CALLED[login]) for login in (OFFICER, SECOND_OFFICER)]
    before = await _book(first)
    held = await _is_held(scene, window, cast)
    await _is_told(
        scene, mother, "claim_held", "重叠", "finds a notice: a bill is held, and why; nothing is to be done"
    )
    await _is_proposed(scene, first, held)
    await _takes_another(scene, first, held)
    await _is_refused(scene, second, held)
    await _is_told(scene, mother, "claim_not_paid", REASON_ZH, "finds a notice: it is not paid, and the reason")
    await _moved_no_money(scene, first, held, before)
    fund = await _is_billed_right(scene, window, cast, held)
    await _is_in_the_book(scene, second, before, fund)
    return Held(held["amount"], fund)


async def _signs_in(scene: Scene, cast: AwayCast, login: str, called: Text) -> Actor:
    staff, password = cast.others[login]
    answer = await scene.actor(called).post("identity", "/staff/sign-in", {"login": login, "password": password})
    actor = scene.actor(called, answer.must()["access_token"])
    await scene.tell(actor, Text(f"{staff.name}登录", f"{staff.name} signs in"), answer)
    return actor


async def _is_held(scene: Scene, window: Actor, cast: AwayCast) -> dict[str, Any]:
    answer = await window.post("insurance", "/settlements", cast.home_bill(is_right=False))
    held: dict[str, Any] = answer.must(202)
    [concern] = held["concerns"]
    expect("insurance", Text("疑点", "what is doubtful"), "overlap", concern["code"])
    expect("insurance", Text("待核实金额", "what is held"), HOME_TOTAL, held["amount"])
    sentence = Text(
        f"补报此前在县医院的住院费用{held['amount']}元，日期误填；不予直接结算，转待核实：“{concern['words']['zh']}”"
        f"（依据：{concern['rule']}）",
        f"sends the bill of an earlier stay, {held['amount']} yuan, with wrong dates; it is not settled but held: "
        f"“{concern['words']['en']}” ({concern['rule']})",
    )
    await scene.tell(window, sentence, answer, feeds=[SETTLEMENTS])
    return held


async def _is_told(scene: Scene, mother: Actor, template: str, part: str, sentence: str) -> None:
    answer = await until(
        lambda: mother.get("notification", "/inbox"),
        lambda answer: any(one["template"] == template for one in answer.must()["notices"]),
        Text(f"收到消息 {template}", f"the notice {template}"),
    )
    notice = next(one for one in answer.body["notices"] if one["template"] == template)
    expect_in("notification", Text("消息写明原因", "the notice gives the reason"), part, notice["body"])
    await scene.tell(mother, Text(f"收到消息：“{notice['title']}”，写明原因", sentence), answer)


async def _is_proposed(scene: Scene, first: Actor, held: dict[str, Any]) -> None:
    listed = (await first.get("insurance", "/held?status=held")).must()["held"]
    expect("insurance", Text("待核实列表", "what is held"), [held["held"]], [one["held"] for one in listed])
    answer = await first.post("insurance", "/held/{held}/propose", REFUSE, held=held["held"])
    expect("insurance", Text("提出的意见", "what is proposed"), "refuse", answer.must()["proposal"]["decision"])
    sentence = Text(
        f"在待核实列表中看到这一笔，调阅病历后提出不予支付：{REASON_ZH}",
        "finds it in the list of what is held, looks at the records, and proposes not to pay",
    )
    await scene.tell(first, sentence, answer)


async def _takes_another(scene: Scene, first: Actor, held: dict[str, Any]) -> None:
    answer = await first.post("insurance", "/held/{held}/confirm", {"decision": "refuse"}, held=held["held"])
    refused = answer.must(403)
    expect("insurance", Text("一人不能决定", "one alone cannot"), "another_must_decide", refused["code"])
    sentence = Text(
        f"自己确认被拒：“{refused['detail']}”", "cannot confirm what they proposed: it takes another person"
    )
    await scene.tell(first, sentence, answer)


async def _is_refused(scene: Scene, second: Actor, held: dict[str, Any]) -> None:
    answer = await second.post("insurance", "/held/{held}/confirm", {"decision": "refuse"}, held=held["held"])
    expect("insurance", Text("核实结果", "what was decided"), "refused", answer.must()["status"])
    sentence = Text("复核后确认：不予支付", "looks at it, too, and confirms: it is not paid")
    await scene.tell(second, sentence, answer, feeds=[SETTLEMENTS])


async def _moved_no_money(scene: Scene, first: Actor, held: dict[str, Any], before: Book) -> None:
    decided = await first.get("insurance", "/held?status=refused")
    expect("insurance", Text("台账", "the list"), [held["held"]], [one["held"] for one in decided.must()["held"]])
    expect("insurance", Text("账簿未变", "the book is as before"), before, await _book(first))
    sentence = Text(
        f"台账记有这一笔：{held['amount']}元，不予支付；医保账簿与此前一致，基金未支付任何费用",
        f"finds it in the list, {held['amount']} yuan, not paid; the book is as it was, no fund paid anything",
    )
    await scene.tell(first, sentence, decided)


async def _is_billed_right(scene: Scene, window: Actor, cast: AwayCast, held: dict[str, Any]) -> str:
    bill = cast.home_bill(is_right=True)
    again = await window.post("insurance", "/settlements", cast.home_bill(is_right=False))
    refused = again.must(409)
    expect("insurance", Text("按现状答复", "it is answered as it stands now"), "held_refused", refused["code"])
    await scene.tell(
        window,
        Text(f"原账单再提交：“{refused['detail']}”", "sends the same bill again, and is told how it stands now"),
        again,
    )
    answer = await window.post("insurance", "/settlements", bill)
    sheet = answer.must(201)["sheet"]
    expect("insurance", Text("账单总额", "the bill's total"), held["amount"], sheet["medfee_sumamt"])
    sentence = Text(
        f"更正日期，以新账单号提交：当即结算，基金支付{sheet['fund_pay_sumamt']}元，个人负担{sheet['psn_part_amt']}元",
        f"bills it with the right dates under a new number: settled at once, the funds pay {sheet['fund_pay_sumamt']}, "
        f"the patient {sheet['psn_part_amt']}",
    )
    await scene.tell(window, sentence, answer, feeds=[SETTLEMENTS])
    fund: str = sheet["fund_pay_sumamt"]
    return fund


async def _is_in_the_book(scene: Scene, officer: Actor, before: Book, fund: str) -> None:
    """Compares what the funds paid since with the corrected bill: no other payment was made."""
    answer = await officer.get("insurance", "/ledger/balance")
    book = answer.must()
    expect("insurance", Text("借贷相等", "both sides agree"), expected=True, came=book["is_balanced"])
    after = {one["account"]: one["balance"] for one in book["accounts"]}
    pooled, illness = (Decimal(before[one]) - Decimal(after[one]) for one in (POOLED, ILLNESS))
    expect("insurance", Text("基金支出", "what the funds paid"), Decimal(fund), pooled + illness)
    sentence = Text(
        f"账簿只增加更正后的这一笔：统筹基金{pooled}元、大病保险{illness}元；借贷各{book['debit']}元，相等",
        f"finds only the corrected bill in the book: {pooled} of the pooled fund, {illness} of major illness; "
        f"{book['debit']} yuan on both sides",
    )
    await scene.tell(officer, sentence, answer)


async def _book(officer: Actor) -> Book:
    """Account -> balance, of the officers' own region."""
    accounts = (await officer.get("insurance", "/ledger/balance")).must()["accounts"]
    return {one["account"]: one["balance"] for one in accounts}
