"""What the son does for his mother under a mandate, and how it begins and ends."""

from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.demo.actors import Actor
from deploy.demo.expectations import expect, expect_in
from deploy.demo.patience import until
from deploy.demo.scene import Scene
from deploy.demo.stories.away_cast import SONS_MOBILE, AwayCast
from deploy.demo.stories.signing_up import signs_up
from deploy.sign_up import Newcomer
from shared.standards.shanghai import day_in_shanghai
from shared.standards.text import Text

SON = Text("儿子", "her son")
MANDATES = "local.identity.mandates"
APPLICATIONS = "local.certificates.applications"
MATTERS = ["insurance.read", "certificates.apply", "certificates.read"]
A_MONTH = timedelta(days=30)


async def has_an_account(scene: Scene, cast: AwayCast) -> Actor:
    newcomer = Newcomer(cast.son.name, cast.son.id_number[:], SONS_MOBILE, cast.sons_password)
    return await signs_up(scene, newcomer, SON)


async def is_let_act(scene: Scene, mother: Actor, son: Actor, cast: AwayCast) -> dict[str, Any]:
    """The mother gives the mandate from her phone, the son accepts it on another."""
    until_day = (day_in_shanghai(datetime.now(UTC)) + A_MONTH).isoformat()
    named = {"name": cast.son.name, "id_number": cast.son.id_number[:]}
    body = {"agent": named, "matters": MATTERS, "until": until_day}
    given = await mother.post("identity", "/mandates", body)
    given.must(201)
    sentence = Text(
        f"在手机上委托儿子代为查医保、办证明，至{until_day}止；不论此人有无账户，答复都一样",
        f"lets her son read her insurance and apply for her, until {until_day}; the answer is the same whoever that is",
    )
    await scene.tell(mother, sentence, given, feeds=[MANDATES])
    [offered] = (await son.get("identity", "/mandates")).must()["received"]
    accepted = await son.post("identity", "/mandates/{mandate}/accept", mandate=offered["mandate"])
    mandate: dict[str, Any] = accepted.must()
    expect("identity", Text("已接受", "accepted"), "accepted", mandate["status"])
    await scene.tell(son, Text("接受委托", "accepts the mandate"), accepted, feeds=[MANDATES])
    return mandate


async def reads_her_sheet(scene: Scene, son: Actor, mandate: dict[str, Any], settled: dict[str, Any]) -> None:
    """While identity is stopped: insurance knows of the mandate itself."""
    mine = await son.get("insurance", "/my/insurance?of={principal}", principal=mandate["principal"])
    expect("insurance", Text("母亲的参保信息", "the mother's insurance"), mandate["principal"], mine.must()["person"])
    answer = await son.get("insurance", "/settlements/{settlement}", settlement=settled["settlement"])
    answer.must()
    sentence = Text(
        "根据委托查看母亲的参保信息和结算单；公安系统停机，医保部门已存有这份委托",
        "reads his mother's insurance and her sheet under the mandate; identity is stopped, insurance knows by itself",
    )
    await scene.tell(son, sentence, answer)


async def applies_for_her(scene: Scene, mother: Actor, son: Actor, mandate: dict[str, Any]) -> None:
    """The application says who acted, and she is told."""
    wish = {"type": "social_security_card", "form": {"bank": "icbc"}}
    answer = await son.post("certificates", "/applications?of={principal}", wish, principal=mandate["principal"])
    [act] = answer.must(201)["acts_under_mandate"]
    expect("certificates", Text("写明委托", "the mandate is named"), mandate["mandate"], act["mandate"])
    sentence = Text(
        f"代母亲申请社会保障卡；申请写明“{act['agent_name']}根据委托提交”",
        f"applies for her social-security card; the application says that {act['agent_name']} acted under a mandate",
    )
    await scene.tell(son, sentence, answer, feeds=[APPLICATIONS])
    told = await until(
        lambda: mother.get("notification", "/inbox"),
        lambda inbox: any(one["template"] == "agent_acted" for one in inbox.must()["notices"]),
        Text("收到代办通知", "the notice of what was done for her"),
    )
    notice = next(one for one in told.body["notices"] if one["template"] == "agent_acted")
    expect_in("notification", Text("写明谁代办", "it names who acted"), act["agent_name"], notice["title"])
    sentence = Text(f"每次代办都收到通知：“{notice['title']}”", "is told of each act done for her, and how to undo it")
    await scene.tell(mother, sentence, told)


async def acts_no_more(scene: Scene, mother: Actor, son: Actor, mandate: dict[str, Any]) -> None:
    """The mother ends it; the son's next request is refused."""
    ended = await mother.post("identity", "/mandates/{mandate}/end", mandate=mandate["mandate"])
    expect("identity", Text("已终止", "ended"), "ended", ended.must()["status"])
    await scene.tell(mother, Text("终止委托，立即生效", "ends the mandate; it ends at once"), ended, feeds=[MANDATES])
    refused = await son.get("insurance", "/my/insurance?of={principal}", principal=mandate["principal"])
    problem = refused.must(404)
    sentence = Text(
        f"再查母亲的医保，被拒绝：“{problem['detail']}”", "asks for his mother's insurance once more, and is refused"
    )
    await scene.tell(son, sentence, refused)
