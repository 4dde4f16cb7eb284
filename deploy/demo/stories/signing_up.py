"""Somebody proves a phone, and then who they are."""

from collections.abc import Awaitable, Callable

from deploy.demo.actors import Actor
from deploy.demo.exchange import Exchange
from deploy.demo.expectations import expect
from deploy.demo.scene import Scene
from deploy.sign_up import Newcomer, Step, sign_up
from shared.standards.text import Text

ACCOUNTS = "local.identity.accounts"

Before = Callable[[str], Awaitable[None]]


async def signs_up(scene: Scene, newcomer: Newcomer, called: Text, before_opening: Before | None = None) -> Actor:
    """`before_opening` is given the code, before the account is opened by it."""

    async def post(route: str, body: object, token: str | None) -> Exchange:
        return await scene.actor(called, token).post("identity", route, body)

    async def told(step: Step, answer: Exchange, with_: str) -> None:
        anyone = scene.actor(called)
        match step:
            case Step.code_asked:
                sentence = Text(
                    "获取手机验证码；演示不发短信，验证码在公安的发件箱中，用 tongban messages 查看",
                    "has a code sent to the phone; nothing is sent here, `tongban messages` shows the code",
                )
                await scene.tell(anyone, sentence, answer)
                if before_opening:
                    await before_opening(with_)
            case Step.opened:
                sentence = Text(
                    "凭验证码注册账户：只证明了手机号码，姓名和公民身份号码仅是自称",
                    "opens an account by the code: it proves the phone; name and ID number are only claimed",
                )
                await scene.tell(anyone, sentence, answer)
            case Step.phone_signed_in:
                await scene.tell(anyone, Text("登录，尚未实名", "signs in, not yet known as a person"), answer)
                await may_not_yet(scene, scene.actor(called, with_))
            case Step.challenged:
                pass
            case Step.verified:
                await is_verified(scene, scene.actor(called, with_), answer)

    return scene.actor(called, await sign_up(post, scene.entrance, newcomer, told))


async def may_not_yet(scene: Scene, somebody: Actor) -> None:
    """What would show or bind a person is closed to an account that proved a phone."""
    answer = await somebody.get("certificates", "/certificates")
    problem = answer.must(403)
    expect("certificates", Text("未实名不能办理", "closed until proved"), "verification_needed", problem["code"])
    sentence = Text(
        f"未实名时看不到本人证照，也不能申请：“{problem['detail']}”",
        "cannot see a certificate nor apply before proving who they are, and is told how to",
    )
    await scene.tell(somebody, sentence, answer)


async def is_verified(scene: Scene, person: Actor, answer: Exchange) -> None:
    proof = answer.must()["proof"]
    expect("identity", Text("写明是替身", "says that it is a stand-in"), True, proof["is_stand_in"])
    sentence = Text(
        f"在线核验身份（核验方：{proof['title']['zh']}），与户籍一致，成为实名账户",
        f"proves who they are on line (vouched for by: {proof['title']['en']}); the household register agrees",
    )
    await scene.tell(person, sentence, answer, feeds=[ACCOUNTS])
