"""The tenant signs up, applies, corrects the application and holds the certificate."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from deploy.demo.actors import Actor
from deploy.demo.expectations import expect
from deploy.demo.patience import until
from deploy.demo.scene import Scene
from deploy.demo.stories import signing_up
from deploy.demo.stories.village_cast import WRONG_FIELD, Cast
from shared.standards.licence_number import LicenceNumber
from shared.standards.text import Text

TENANT = Text("租户", "tenant")

APPLICATIONS, DELIVERIES = "local.certificates.applications", "local.notification.deliveries"

TELLINGS = (
    "welcome",
    "application_received",
    "application_sent_back",
    "certificate_issued",
    "certificate_revoked",
)
"""What the tenant is told, once each, the first one first."""


@dataclass(frozen=True, slots=True)
class Form:
    """The form as it was handed out: labels by field, and what it was filled with."""

    labels: dict[str, Text]
    filled: dict[str, str]


@dataclass(frozen=True, slots=True)
class Held:
    """A certificate, as its holder sees it."""

    identifier: str
    issuing_body: str


async def signs_up(scene: Scene, cast: Cast) -> Actor:
    async def mistypes(code: str) -> None:
        await mistypes_the_number(scene, cast, code)

    return await signing_up.signs_up(scene, cast.newcomer, TENANT, mistypes)


async def mistypes_the_number(scene: Scene, cast: Cast, code: str) -> None:
    right = cast.tenant.id_number
    wrong = right[:-1] + ("1" if right[-1] == "0" else "0")
    anyone = scene.actor(TENANT)
    answer = await anyone.post("identity", "/citizens", {**cast.newcomer.claim(code), "id_number": wrong})
    [error] = answer.must(422)["errors"]
    expect("identity", Text("指出填错的一项", "the field that is wrong"), "id_number", error["field"])
    sentence = Text(
        f"公民身份号码末位填错，当场得到答复：“{error['message']}”",
        "mistypes the last digit of the ID number, and is told at once which field is wrong and why",
    )
    await scene.tell(anyone, sentence, answer)


async def opens_the_form(scene: Scene, tenant: Actor, cast: Cast) -> Form:
    answer = await tenant.get("certificates", "/catalogue/{code}/form", code="residence")
    fields = answer.must()["fields"]
    form = Form(
        {field["name"]: Text(**field["label"]) for field in fields},
        {field["name"]: field["value"] for field in fields if field["value"] is not None},
    )
    known = {
        "name": cast.tenant.name,
        "id_number": cast.tenant.id_number,
        "phone": cast.newcomer.phone,
        "village": cast.tenant.division,
        "residence_address": cast.tenant.address,
    }
    expect("certificates", Text("预填的各项", "fields that come filled"), known, form.filled)
    labels = [form.labels[name] for name in form.filled]
    sentence = Text(
        f"打开表单：{len(fields)}项中{len(labels)}项已由公安的事件填好（{'、'.join(label.zh for label in labels)}）",
        f"opens the form: {len(labels)} of {len(fields)} fields came filled from identity's events "
        f"({', '.join(label.en for label in labels)})",
    )
    await scene.tell(tenant, sentence, answer)
    return form


async def applies(scene: Scene, tenant: Actor, cast: Cast, form: Form) -> UUID:
    typed = cast.typed()
    answer = await tenant.post("certificates", "/applications", {"type": "residence", "form": typed})
    application = answer.must(201)
    expect("certificates", Text("申请状态", "status of the application"), "in_review", application["status"])
    untyped = [label for name, label in form.labels.items() if name not in typed]
    sentence = Text(
        f"在{application['division_name']}租房，申请居住证明，用途子女入学；"
        f"填写{len(typed)}项，不用填{len(untyped)}项（{'、'.join(label.zh for label in untyped)}）",
        f"rents there and applies, for a child's schooling: {len(typed)} fields typed, {len(untyped)} not "
        f"({', '.join(label.en for label in untyped)})",
    )
    await scene.tell(tenant, sentence, answer, feeds=[APPLICATIONS])
    return UUID(application["application"])


async def puts_right(scene: Scene, tenant: Actor, cast: Cast, application: UUID) -> None:
    right = {WRONG_FIELD: cast.landlord.address}
    answer = await tenant.post(
        "certificates", "/applications/{application}/resubmit", {"form": right}, application=application
    )
    expect(
        "certificates", Text("补正后的表单", "the form put right"), right | answer.must()["form"], answer.body["form"]
    )
    sentence = Text("只改这一项，重新提交", "puts that one field right and submits again; nothing else is asked")
    await scene.tell(tenant, sentence, answer, feeds=[APPLICATIONS])


async def finds_it_issued(scene: Scene, tenant: Actor, application: UUID) -> UUID:
    answer = await until(
        lambda: tenant.get("certificates", "/applications/{application}", application=application),
        lambda answer: answer.must()["status"] == "issued",
        Text("证照已签发", "the certificate is issued"),
    )
    await scene.tell(tenant, Text("看到申请已办结，证照已签发", "sees that the certificate is issued"), answer)
    return UUID(answer.body["certificate"])


async def holds_it(scene: Scene, tenant: Actor, cast: Cast, certificate: UUID) -> Held:
    answer = await tenant.get("certificates", "/certificates/{certificate}", certificate=certificate)
    shown = answer.must()
    expect("certificates", Text("持证人", "holder"), cast.tenant.name, shown["holder_name"])
    expect("certificates", Text("证照状态", "status of the certificate"), "valid", shown["status"])
    content = {line["name"]: line["value"] for line in shown["content"]}
    what = Text("证明的内容", "what it certifies")
    expect("certificates", what, (cast.landlord.address, "子女入学"), (content[WRONG_FIELD], content["purpose"]))
    identifier = str(LicenceNumber.parse(shown["identifier"]))
    sentence = Text(
        f"取得{shown['type_name']['zh']}：{shown['issuing_body']}签发，标识（GB/T 36904）{identifier}",
        f"holds the {shown['type_name']['en'].lower()}, issued by the village committee; the identifier follows "
        "GB/T 36904, check character included",
    )
    await scene.tell(tenant, sentence, answer)
    return Held(identifier, shown["issuing_body"])


async def reads(scene: Scene, tenant: Actor, notice: dict[str, Any]) -> None:
    answer = await tenant.post("notification", "/inbox/{notice}/read", notice=notice["notice"])
    expect("notification", Text("消息已读", "the notice is read"), True, answer.must()["read_at"] is not None)
    await scene.tell(tenant, Text("已阅读消息", "has read the notice"), answer, feeds=[DELIVERIES])


async def is_told(scene: Scene, tenant: Actor, nth: int, sentence: Text) -> dict[str, Any]:
    """The inbox holds the first `nth` of TELLINGS, the newest of them is the answer."""
    answer = await until(
        lambda: tenant.get("notification", "/inbox"),
        lambda answer: len(answer.must()["notices"]) >= nth,
        Text(f"消息 {TELLINGS[nth - 1]}", f"notice {TELLINGS[nth - 1]}"),
    )
    expect("notification", Text("消息", "notices"), list(TELLINGS[:nth]), templates(answer.body))
    newest: dict[str, Any] = answer.body["notices"][0]
    await scene.tell(tenant, Text(f"{sentence.zh}：“{newest['title']}”", sentence.en), answer)
    return newest


def templates(inbox: dict[str, Any]) -> list[str]:
    """The oldest first."""
    return [notice["template"] for notice in reversed(inbox["notices"])]
