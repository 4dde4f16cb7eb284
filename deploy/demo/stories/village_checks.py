"""What anyone can check, and that everything happened once."""

from uuid import UUID

from deploy.demo.actors import Actor
from deploy.demo.expectations import expect
from deploy.demo.scene import Scene
from deploy.demo.stories.village_cast import VILLAGE, Cast
from deploy.demo.stories.village_tenant import TELLINGS, templates
from shared.standards.text import Text

ANYONE = Text("任何人", "anyone")


async def is_checked(scene: Scene, cast: Cast, identifier: str) -> None:
    anyone = scene.actor(ANYONE)
    answer = await anyone.get("certificates", "/check/{identifier}", identifier=identifier)
    found = answer.must()
    expect("certificates", Text("核验结果", "result of the check"), "valid", found["status"])
    masked = cast.tenant.name[0] + "*" * (len(cast.tenant.name) - 1)
    expect("certificates", Text("不露全名", "the name is masked"), masked, found["holder"])
    sentence = Text(
        f"不登录即可核验：{found['message']}持证人{found['holder']}",
        f"checks the identifier without signing in: genuine and in force, holder {found['holder']}",
    )
    await scene.tell(anyone, sentence, answer)


async def is_found_out_when_altered(scene: Scene, identifier: str) -> None:
    at = identifier.index(VILLAGE[:6])  # within the issuer's code
    altered = identifier[:at] + "2" + identifier[at + 1 :]
    anyone = scene.actor(ANYONE)
    answer = await anyone.get("certificates", "/check/{identifier}", identifier=altered)
    expect("certificates", Text("改动一位", "one character altered"), "malformed", answer.must()["status"])
    sentence = Text(f"改动一位再核验：“{answer.body['message']}”", "alters one character and checks again: found out")
    await scene.tell(anyone, sentence, answer)


async def happened_once(scene: Scene, tenant: Actor, application: UUID, certificate: UUID) -> None:
    """However often requests were sent: one application, one certificate, one notice of each kind."""
    applications = await tenant.get("certificates", "/applications")
    came = [one["application"] for one in applications.must()["applications"]]
    expect("certificates", Text("申请", "applications"), [str(application)], came)
    inbox = await tenant.get("notification", "/inbox")
    expect("notification", Text("消息", "notices"), list(TELLINGS), templates(inbox.must()))
    certificates = await tenant.get("certificates", "/certificates")
    came = [one["certificate"] for one in certificates.must()["certificates"]]
    expect("certificates", Text("证照", "certificates"), [str(certificate)], came)
    sentence = Text(
        f"名下恰有申请1件、证照1份、消息{len(TELLINGS)}条，各不重复",
        f"finds one application, one certificate and {len(TELLINGS)} notices to their name, none twice",
    )
    await scene.tell(tenant, sentence, certificates)
