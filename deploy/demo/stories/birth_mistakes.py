"""A name written wrongly twice: once no parent bears that surname, once only the hospital's record can tell."""

from uuid import UUID

from deploy.demo.actors import Actor
from deploy.demo.expectations import expect
from deploy.demo.patience import until
from deploy.demo.scene import Scene
from deploy.demo.stories.birth_cast import FIRST, MISHEARD, MISTYPED, typed
from deploy.demo.stories.birth_parents import CASE, FOR_CERTIFICATES, PROGRESS, Papers, finds_notice
from shared.standards.text import Text

FIELD = "child_name"
APPLICATIONS = "local.certificates.applications"
REMARK = f"分娩记录和《出生医学证明首次签发登记表》上填写的是“{FIRST}”，请核对后更正"


async def is_refused_at_once(scene: Scene, mother: Actor) -> None:
    """The wrong word is picked by a keyboard; nothing is begun by such a form."""
    answer = await mother.post("cases", "/cases", {"definition": "birth", "form": typed(MISTYPED, "first")})
    [error] = answer.must(422)["errors"]
    expect("cases", Text("指出填错的一项", "the field that is wrong"), FIELD, error["field"])
    sentence = Text(
        f"姓氏填错，写成“{MISTYPED}”，提交时当场指出这一项：“{error['message']}”",
        "types a wrong surname for the child; the form is refused at once, naming the field and the reason",
    )
    await scene.tell(mother, sentence, answer)


async def is_found_by_the_hospital(scene: Scene, officer: Actor) -> frozenset[str]:
    """Of the two applications that wait there, the birth certificate's is sent back. Returns both."""
    queue = await until(
        lambda: officer.get("certificates", "/review-queue"),
        lambda answer: (
            {"birth_medical", "vaccination"} <= {one["certificate_type"] for one in answer.must()["waiting"]}
        ),
        Text("待审核两件", "two in the queue"),
    )
    waiting: dict[str, str] = {one["certificate_type"]: one["application"] for one in queue.body["waiting"]}
    answer = await officer.post(
        "certificates",
        "/applications/{application}/send-back",
        {"wrong_fields": {FIELD: REMARK}},
        application=waiting["birth_medical"],
    )
    expect("certificates", Text("申请状态", "status of the application"), "sent_back", answer.must()["status"])
    sentence = Text(
        f"核对分娩记录，发现姓名填成同音的“{MISHEARD}”，退回补正，只标出“新生儿姓名”一项：{REMARK}",
        "compares with the record of the delivery and finds another word of the same sound: sends the birth "
        "certificate back with that one field marked",
    )
    await scene.tell(officer, sentence, answer, feeds=[APPLICATIONS])
    return frozenset(waiting.values())


async def is_told_to_her(scene: Scene, mother: Actor, case: UUID) -> None:
    """By a notice, and in the case: the field of the form she wrote."""
    notice, inbox = await finds_notice(mother, "case_correction_needed")
    sentence = Text(f"收到消息：“{notice['title']}”", "finds a notice: something in her case is to be corrected")
    await scene.tell(mother, sentence, inbox)
    answer = await until(
        lambda: mother.get("cases", CASE, case=case),
        lambda answer: bool(answer.must()["corrections"]),
        Text("该办件要求补正", "the case asks for a correction"),
    )
    corrections = answer.body["corrections"]
    expect("cases", Text("要求补正的各项", "what is to be corrected"), [FIELD], list(corrections))
    sentence = Text(
        f"打开该办件，看到须更正的一项和原因：“{corrections[FIELD]['zh']}”；更正之前办理时限暂停计算",
        "opens the case and sees the one field to correct, and why; the clock stands still until then",
    )
    await scene.tell(mother, sentence, answer)


async def is_put_right(scene: Scene, mother: Actor, case: UUID) -> None:
    """The father agreed to another name, so the case asks for consent once more."""
    answer = await mother.post("cases", f"{CASE}/supplement", {"form": {FIELD: FIRST}}, case=case)
    shown = answer.must()
    expect("cases", Text("更正后的姓名", "the name put right"), FIRST, shown["form"][FIELD])
    expect("cases", Text("需重新同意", "who agrees anew"), ["father"], shown["consents_missing"])
    sentence = Text(
        f"只更正这一项，改为“{FIRST}”，其余各项无须重填；父亲此前同意的是另一姓名，须由其重新确认同意",
        "corrects that one field and types nothing else again; the father agreed to the other name, and is asked "
        "once more",
    )
    await scene.tell(mother, sentence, answer, feeds=[PROGRESS])


async def is_agreed_to_anew(scene: Scene, father: Actor, case: UUID) -> None:
    notice, inbox = await finds_notice(father, "case_consent_renewed")
    await scene.tell(father, Text(f"收到消息：“{notice['title']}”", "finds a notice: please agree anew"), inbox)
    answer = await father.post("cases", f"{CASE}/consent", case=case)
    expect("cases", Text("不再等待同意", "nobody is waited for"), [], answer.must()["consents_missing"])
    sentence = Text(
        "核对更正后的姓名，重新同意；出生医学证明、预防接种证均按更正后的内容重新送审，时限恢复计算",
        "agrees to the name as it is now; both papers go to the hospital with it, and the clock goes on",
    )
    await scene.tell(father, sentence, answer, feeds=[PROGRESS, PROGRESS, FOR_CERTIFICATES, FOR_CERTIFICATES])


async def is_right_on_paper(scene: Scene, mother: Actor, papers: Papers) -> None:
    """On each of the two papers the hospital issued, and once only."""
    held = await mother.get("certificates", "/certificates")
    rows = {one["identifier"]: one["certificate"] for one in held.must()["certificates"]}
    wanted = {papers.certificates[item] for item in ("birth_medical", "vaccination")}
    expect("certificates", Text("医院签发的证照", "what the hospital issued"), wanted, set(rows))
    for certificate in rows.values():
        answer = await mother.get("certificates", "/certificates/{certificate}", certificate=certificate)
        content = {line["name"]: line["value"] for line in answer.must()["content"]}
        expect("certificates", Text("证照上的姓名", "the name on the paper"), FIRST, content[FIELD])
    sentence = Text(
        f"查看出生医学证明和预防接种证，姓名均为“{FIRST}”；从未以填错的姓名签发证照",
        "reads the birth and vaccination certificates: the right name on both; none was issued with the wrong one",
    )
    await scene.tell(mother, sentence, answer)
