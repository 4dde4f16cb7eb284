"""What the hospital's window does: compares, settles, settles the same bill again."""

from typing import Any

from deploy.demo.actors import Actor
from deploy.demo.expectations import expect
from deploy.demo.scene import Scene
from deploy.demo.stories.away_cast import AFTER, AS_IT_IS, BEFORE, SAVED, TOTAL, WITH_FILING_MISSED, AwayCast
from shared.standards.text import Text

WINDOW = Text("医院窗口", "hospital window")
SETTLEMENTS = "local.insurance.settlements"


async def signs_in(scene: Scene, cast: AwayCast) -> Actor:
    credentials = {"login": cast.window.login, "password": cast.window_password}
    answer = await scene.actor(WINDOW).post("identity", "/staff/sign-in", credentials)
    window = scene.actor(WINDOW, answer.must()["access_token"])
    sentence = Text(
        f"{cast.window.name}登录，在南宁的医院窗口", f"{cast.window.name} signs in, at a hospital in Nanning"
    )
    await scene.tell(window, sentence, answer)
    return window


async def compares(scene: Scene, window: Actor, cast: AwayCast) -> str:
    """The same bill, discharged on the last day of filing and on the day after; what that saves."""
    suppositions = [{"discharged_on": BEFORE}, {"discharged_on": AFTER}]
    answer = await window.post("insurance", "/quotes/compare", {"bill": cast.bill(), "variants": suppositions})
    compared = answer.must()
    parts = [compared[one]["sheet"]["psn_part_amt"] for one in ("first", "second")]
    what = Text("个人负担", "the patient's part")
    expect("insurance", what, [WITH_FILING_MISSED, AS_IT_IS], parts)
    expect("insurance", Text("节省", "what it saves"), SAVED, compared["saved"])
    sentence = Text(
        f"同一账单{TOTAL}元试算：{BEFORE}出院（未备案）个人负担{parts[0]}元，{AFTER}起免备案{parts[1]}元，"
        f"少付{compared['saved']}元",
        f"reckons one bill of {TOTAL} yuan twice: discharged on {BEFORE}, unfiled, {parts[0]} are the family's; from "
        f"{AFTER} on {parts[1]}: {compared['saved']} less",
    )
    await scene.tell(window, sentence, answer)
    saved: str = compared["saved"]
    return saved


async def settles(scene: Scene, window: Actor, cast: AwayCast) -> dict[str, Any]:
    answer = await window.post("insurance", "/settlements", cast.bill())
    shown: dict[str, Any] = answer.must(201)
    sheet = shown["sheet"]
    paid = [sheet["fund_pay_sumamt"], sheet["psn_part_amt"]]
    expect("insurance", Text("结算", "the settlement"), ["16545.33", AS_IT_IS], paid)
    expect("insurance", Text("减负", "the relief"), SAVED, shown["relief"])
    sentence = Text(
        f"窗口直接结算（一窗办理）：基金支付{sheet['fund_pay_sumamt']}元，其中大病保险{sheet['hifmi_pay']}元；"
        f"家属只付{sheet['psn_cash_pay']}元，无须垫付、无须回乡报销",
        f"settles at the window: the funds pay {sheet['fund_pay_sumamt']}, {sheet['hifmi_pay']} of it major illness; "
        f"the family pays {sheet['psn_cash_pay']}, advances nothing and claims nothing at home",
    )
    await scene.tell(window, sentence, answer, feeds=[SETTLEMENTS])
    return shown


async def settles_again(scene: Scene, window: Actor, cast: AwayCast, first: dict[str, Any]) -> None:
    answer = await window.post("insurance", "/settlements", cast.bill())
    expect("insurance", Text("重复提交", "the bill sent again"), first, answer.must(201))
    sentence = Text(
        "网络不稳又提交一次：账单号相同，得到同一结果，不会重复结算",
        "sends the bill once more, unsure of the network: same number, same answer; nothing is settled twice",
    )
    await scene.tell(window, sentence, answer)
