"""How the certificate ends: the village's clerk proposes it, a leader of the township confirms it."""

from uuid import UUID

from deploy.demo.actors import Actor
from deploy.demo.expectations import expect
from deploy.demo.scene import Scene
from deploy.demo.stories.village_cast import Cast
from deploy.demo.stories.village_checks import ANYONE
from deploy.demo.stories.village_clerk import LIFECYCLE
from deploy.demo.stories.village_paper import Paper
from shared.standards.text import Text

LEADER = Text("镇负责人", "township's leader")
WHY = "租房合同已解除，申请人不再居住于本村"


async def is_proposed(scene: Scene, clerk: Actor, certificate: UUID) -> None:
    answer = await clerk.post(
        "certificates",
        "/certificates/{certificate}/revocation",
        {"reason": "fact_changed", "explanation": WHY},
        certificate=certificate,
    )
    expect("certificates", Text("仅为建议", "it is only proposed"), "valid", answer.must()["status"])
    await scene.tell(clerk, Text(f"建议撤销：{WHY}", "proposes to revoke it: the tenancy has ended"), answer)


async def takes_another(scene: Scene, clerk: Actor, certificate: UUID) -> None:
    answer = await clerk.post("certificates", "/certificates/{certificate}/revocation/confirm", certificate=certificate)
    refused = answer.must(403)
    expect("certificates", Text("一人不能撤销", "one alone cannot"), "another_must_decide", refused["code"])
    sentence = Text(
        f"自己确认被拒：“{refused['detail']}”", "cannot confirm their own proposal: it takes another person"
    )
    await scene.tell(clerk, sentence, answer)


async def is_confirmed(scene: Scene, cast: Cast, certificate: UUID) -> None:
    credentials = {"login": cast.leader.login, "password": cast.leader_password}
    signed_in = await scene.actor(LEADER).post("identity", "/staff/sign-in", credentials)
    leader = scene.actor(LEADER, signed_in.must()["access_token"])
    waiting = await leader.get("certificates", "/issued?revocation_waits=true")
    listed = [one["certificate"] for one in waiting.must()["certificates"]]
    expect("certificates", Text("待确认的撤销", "revocations that wait"), [str(certificate)], listed)
    sentence = Text(f"{cast.leader.name}登录，看到待确认的撤销", f"{cast.leader.name} signs in and sees what waits")
    await scene.tell(leader, sentence, waiting)
    answer = await leader.post(
        "certificates", "/certificates/{certificate}/revocation/confirm", certificate=certificate
    )
    expect("certificates", Text("证照状态", "status of the certificate"), "revoked", answer.must()["status"])
    await scene.tell(leader, Text("确认撤销", "confirms the revocation"), answer, feeds=[LIFECYCLE])


async def is_known_to_everybody(scene: Scene, identifier: str, paper: Paper) -> None:
    anyone = scene.actor(ANYONE)
    by_number = await anyone.get("certificates", "/check/{identifier}", identifier=identifier)
    by_file = await anyone.hand_in("certificates", "/check", paper.file.read_bytes())
    for answer in (by_number, by_file):
        expect("certificates", Text("撤销后核验", "the check, revoked"), "revoked", answer.must()["status"])
    sentence = Text(
        f"再核验标识和文件：“{by_file.body['message']}”", "checks identifier and document again: both say revoked"
    )
    await scene.tell(anyone, sentence, by_file)
