"""What the mother's family does: opens her account, is told, reads the sheet; and what everyone may see."""

from typing import Any

from deploy.demo.actors import Actor
from deploy.demo.expectations import expect, expect_in
from deploy.demo.patience import until
from deploy.demo.scene import Scene
from deploy.demo.stories.away_cast import AFTER, AS_IT_IS, MOBILE, SAVED, AwayCast
from deploy.demo.stories.signing_up import signs_up
from deploy.sign_up import Newcomer
from shared.standards.text import Text

MOTHER = Text("74岁的母亲", "mother of 74")
ANYONE = Text("任何人", "anyone")


async def has_an_account(scene: Scene, cast: AwayCast) -> Actor:
    """Her son is beside her."""
    newcomer = Newcomer(cast.mother.name, cast.mother.id_number[:], MOBILE, cast.password)
    return await signs_up(scene, newcomer, MOTHER)


async def is_told(scene: Scene, mother: Actor) -> None:
    answer = await until(
        lambda: mother.get("notification", "/inbox"),
        lambda answer: answer.must()["notices"][0]["template"] == "claim_settled",
        Text("收到结算消息", "the notice of the settlement"),
    )
    notice = answer.body["notices"][0]
    expect_in("notification", Text("消息写明个人负担", "the notice names her part"), AS_IT_IS, notice["title"])
    sentence = Text(
        f"收到消息：“{notice['title']}”", "finds a notice: who pays what, and that nothing is to be applied for"
    )
    await scene.tell(mother, sentence, answer)


async def reads_the_sheet(scene: Scene, mother: Actor, settled: dict[str, Any]) -> None:
    answer = await mother.get("insurance", "/settlements/{settlement}", settlement=settled["settlement"])
    shown = answer.must()
    line = next(one for one in shown["lines"] if one["field"] == "hifp_pay")
    expect("insurance", Text("依据的规则", "the rules it rests on"), True, bool(line["rules"]))
    sentence = Text(
        f"逐项看结算单，每项有依据，如“{line['label']['zh']}{line['amount']}元：{line['words']['zh']}”"
        f"（{'、'.join(line['rules'])}）",
        f"reads the sheet line by line, each with its rule: “{line['label']['en']} {line['amount']}: "
        f"{line['words']['en']}” ({', '.join(line['rules'])})",
    )
    await scene.tell(mother, sentence, answer)


async def sums_up(scene: Scene) -> None:
    anyone = scene.actor(ANYONE)
    answer = await anyone.get("insurance", "/savings?year={year}", year=AFTER[:4])
    expect("insurance", Text("全年减负", "the year's relief"), SAVED, answer.must()["relief"])
    sentence = Text(
        f"全年免备案减负合计{answer.body['relief']}元（{answer.body['settlements']}笔；报道：全区约6.6亿元）",
        f"sees what the rule saved patients in the year so far: {answer.body['relief']} yuan on "
        f"{answer.body['settlements']} settlement (newspaper: about 660 million in the region)",
    )
    await scene.tell(anyone, sentence, answer)
