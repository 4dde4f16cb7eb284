"""What the village's clerk does: looks at what waits, sends back, approves."""

from uuid import UUID

from deploy.demo.actors import Actor
from deploy.demo.expectations import expect
from deploy.demo.scene import Scene
from deploy.demo.stories.village_cast import REMARK, WRONG_FIELD, Cast
from deploy.demo.stories.village_tenant import Form
from shared.standards.text import Text

CLERK = Text("村级经办人", "village clerk")

APPLICATIONS, LIFECYCLE = "local.certificates.applications", "local.certificates.lifecycle"


async def signs_in(scene: Scene, cast: Cast) -> Actor:
    credentials = {"login": cast.clerk.login, "password": cast.clerk_password}
    answer = await scene.actor(CLERK).post("identity", "/staff/sign-in", credentials)
    clerk = scene.actor(CLERK, answer.must()["access_token"])
    await scene.tell(clerk, Text(f"{cast.clerk.name}登录", f"{cast.clerk.name} signs in"), answer)
    return clerk


async def looks_at_what_waits(scene: Scene, clerk: Actor, cast: Cast, application: UUID) -> None:
    queue = await clerk.get("certificates", "/review-queue")
    waiting = {one["application"]: one for one in queue.must()["waiting"]}
    listed = waiting.get(str(application), {})
    expect("certificates", Text("排在待审核中", "it waits in the queue"), cast.tenant.name, listed.get("applicant"))
    sentence = Text(
        f"看到待审核{len(waiting)}件：{listed['type_name']['zh']}，{listed['applicant']}",
        f"sees {len(waiting)} waiting: {listed['type_name']['en']}, {listed['applicant']}",
    )
    await scene.tell(clerk, sentence, queue)


async def sends_back(scene: Scene, clerk: Actor, application: UUID, form: Form) -> None:
    answer = await clerk.post(
        "certificates",
        "/applications/{application}/send-back",
        {"wrong_fields": {WRONG_FIELD: REMARK}},
        application=application,
    )
    expect("certificates", Text("申请状态", "status of the application"), "sent_back", answer.must()["status"])
    label = form.labels[WRONG_FIELD]
    sentence = Text(f"退回补正，标出一项“{label.zh}”：{REMARK}", f"sends it back with one field marked, “{label.en}”")
    await scene.tell(clerk, sentence, answer, feeds=[APPLICATIONS])


async def approves(scene: Scene, clerk: Actor, application: UUID) -> None:
    answer = await clerk.post("certificates", "/applications/{application}/approve", application=application)
    is_issued = answer.must()["certificate"] is not None  # else it follows by itself
    sentence = Text("审核通过", "approves")
    await scene.tell(clerk, sentence, answer, feeds=[APPLICATIONS, LIFECYCLE] if is_issued else [APPLICATIONS])
