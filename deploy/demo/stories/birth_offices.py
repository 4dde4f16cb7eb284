"""What the issuing bodies' people do: sign in, and decide what lies in their queues in one go."""

from collections.abc import Collection, Mapping

from deploy.demo.actors import Actor
from deploy.demo.exchange import Exchange
from deploy.demo.expectations import expect
from deploy.demo.patience import until
from deploy.demo.scene import Scene
from deploy.demo.stories.birth_cast import COUNTER, HOSPITAL, INSURANCE, POLICE, REGISTRAR, SOCIAL_SECURITY, BirthCast
from shared.standards.text import Text

CALLED = {
    HOSPITAL: Text("妇幼保健院经办人", "hospital's officer"),
    POLICE: Text("公安经办人", "police officer"),
    INSURANCE: Text("医保经办人", "insurance's officer"),
    SOCIAL_SECURITY: Text("社保经办人", "social security's officer"),
    REGISTRAR: Text("户籍民警", "registrar"),
    COUNTER: Text("综合窗口", "counter"),
}


async def sign_in(scene: Scene, cast: BirthCast) -> dict[str, Actor]:
    officers = {}
    for login, (staff, password) in cast.officers.items():
        credentials = {"login": login, "password": password}
        answer = await scene.actor(CALLED[login]).post("identity", "/staff/sign-in", credentials)
        officers[login] = scene.actor(CALLED[login], answer.must()["access_token"])
        await scene.tell(officers[login], Text(f"{staff.name}登录", f"{staff.name} signs in"), answer)
    return officers


async def decides(scene: Scene, officer: Actor, *types: str, former: Collection[str] = ()) -> None:
    """Wait until applications of these types are in the queue; approve all of it in one request.

    `former`: applications that others take the place of.
    """

    def are_there(answer: Exchange) -> bool:
        waiting = {one["application"]: one["certificate_type"] for one in answer.must()["waiting"]}
        return set(types) <= set(waiting.values()) and not waiting.keys() & set(former)

    queue = await until(
        lambda: officer.get("certificates", "/review-queue"),
        are_there,
        Text(f"待审核：{'、'.join(types)}", f"in the queue: {', '.join(types)}"),
    )
    waiting = queue.body["waiting"]
    decisions = [{"application": one["application"], "decision": "approve"} for one in waiting]
    answer = await officer.post("certificates", "/review-queue/decide", {"decisions": decisions})
    statuses = {one["status"] for one in answer.must()["outcomes"]}
    expect("certificates", Text("逐件结果", "the outcome of each"), {200}, statuses)
    names_zh = "、".join(one["type_name"]["zh"] for one in waiting)
    names_en = ", ".join(one["type_name"]["en"] for one in waiting)
    sentence = Text(
        f"核对后一次通过{len(waiting)}件：{names_zh}", f"checks and approves {len(waiting)} in one go: {names_en}"
    )
    await scene.tell(officer, sentence, answer)


async def decide_all(scene: Scene, officers: Mapping[str, Actor], former: Collection[str] = ()) -> None:
    """Each office its own, in the order in which one rests on another."""
    await decides(scene, officers[HOSPITAL], "birth_medical", "vaccination", former=former)
    await decides(scene, officers[POLICE], "household_page")
    await decides(scene, officers[SOCIAL_SECURITY], "social_security_card")
    await decides(scene, officers[INSURANCE], "insurance_voucher")
