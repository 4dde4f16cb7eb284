"""What the parents do: sign up, hand in one form, agree, follow it, find the papers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from deploy.demo.actors import Actor
from deploy.demo.exchange import Exchange
from deploy.demo.expectations import expect, expect_in
from deploy.demo.patience import until
from deploy.demo.scene import Scene
from deploy.demo.stories.birth_cast import Parent, typed
from deploy.demo.stories.signing_up import signs_up
from deploy.sign_up import Newcomer
from shared.standards.text import Text

MOTHER, FATHER, ANYONE = Text("母亲", "mother"), Text("父亲", "father"), Text("任何人", "anyone")
PROGRESS, FOR_CERTIFICATES = "local.cases.progress", "local.cases.for_certificates"
CASE = "/cases/{case}"


@dataclass(frozen=True, slots=True)
class Papers:
    """The results of one birth: five certificates' identifiers by item, and the child's ID number."""

    certificates: Mapping[str, str]
    child: str  # person
    id_number: str


async def has_an_account(scene: Scene, parent: Parent, called: Text) -> Actor:
    newcomer = Newcomer(parent.person.name, parent.person.id_number[:], parent.phone, parent.password)
    return await signs_up(scene, newcomer, called)


async def opens_the_form(scene: Scene, mother: Actor) -> dict[str, Any]:
    answer = await mother.get("cases", "/definitions/{code}/form", code="birth")
    form: dict[str, Any] = answer.must()
    fields, filled = len(form["fields"]), len(form["filled"])
    once, apart = form["effort"], form["effort_separately"]
    sentence = Text(
        f"打开“出生一件事”：{fields}项中{filled}项已填好（父亲由婚姻登记查得）；分别办理需填{apart['forms']}张表、"
        f"跑{apart['visits']}次、交{apart['materials']}份材料，这里{once['forms']}张表、{once['visits']}次",
        f"opens “birth as one thing”: {filled} of {fields} fields came filled, the father found by the marriage on "
        f"record; one by one it would be {apart['forms']} forms, {apart['visits']} visits and {apart['materials']} "
        f"materials, here {once['forms']} form and {once['visits']} visit",
    )
    await scene.tell(mother, sentence, answer)
    return form


async def hands_in(scene: Scene, mother: Actor, child: str, order: str) -> UUID:
    form = typed(child, order)
    answer = await mother.post("cases", "/cases", {"definition": "birth", "form": form})
    shown = answer.must(201)
    expect("cases", Text("等待父亲同意", "waits for the father"), ["father"], shown["consents_missing"])
    sentence = Text(
        f"为{child}提交一张表，只填{len(form)}项", f"hands in the one form for {child}, {len(form)} fields typed"
    )
    await scene.tell(mother, sentence, answer, feeds=[PROGRESS])
    return UUID(shown["case"])


async def agrees(scene: Scene, father: Actor, case: UUID) -> None:
    """The father finds it in their own list. Only then do the departments hear of it."""
    waiting = (await father.get("cases", "/cases")).must()["cases"]
    expect("cases", Text("父亲的待同意件", "what waits for the father"), str(case), waiting[0]["case"])
    answer = await father.post("cases", "/cases/{case}/consent", case=case)
    statuses = _statuses(answer)
    begun = {code for code, status in statuses.items() if status != "waiting"}  # or held by now
    expect("cases", Text("先办的事项", "what begins at once"), {"birth_medical", "vaccination"}, begun)
    sentence = Text(
        "在本人账户中同意；互不依赖的两项同时开始，其余随后",
        "agrees from their own account; the two items that nothing binds begin at once, the others follow",
    )
    feeds = [PROGRESS, PROGRESS, FOR_CERTIFICATES, FOR_CERTIFICATES]
    await scene.tell(father, sentence, answer, feeds=feeds)


async def handed_in_again(scene: Scene, father: Actor, child: str, order: str) -> None:
    answer = await father.post("cases", "/cases", {"definition": "birth", "form": typed(child, order)})
    expect("cases", Text("同一出生只有一件", "one birth, one case"), "already_open", answer.must(409)["code"])
    sentence = Text(
        "又提交一次：该办件已受理，同一次出生不会办理两次",
        "hands it in, too: it is there already; one birth never has two cases",
    )
    await scene.tell(father, sentence, answer)


async def sees_done(mother: Actor, case: UUID, *items: str) -> Exchange:
    """Wait until these items are done."""
    wanted = set(items)
    return await until(
        lambda: mother.get("cases", CASE, case=case),
        lambda answer: wanted <= {code for code, status in _statuses(answer).items() if status == "done"},
        Text(f"办成：{'、'.join(items)}", f"done: {', '.join(items)}"),
    )


async def finds_it_closed(scene: Scene, mother: Actor, case: UUID, child: str) -> Papers:
    """And is told so; each paper is what anybody can check."""
    answer = await until(
        lambda: mother.get("cases", CASE, case=case),
        lambda answer: answer.must()["status"] == "closed",
        Text("全部办结", "the case is closed"),
    )
    shown = answer.body
    expect("cases", Text("办结情况", "how it was closed"), "completed", shown["closed"])
    results = {one["item"]: one["results"] for one in shown["items"]}
    entry = results["household_entry"]
    number = entry["child_id_number"]
    certificates = {item: one["certificate"] for item, one in results.items() if "certificate" in one}
    sentence = Text(
        f"{child}五证办齐：出生医学证明、预防接种证、户口（公民身份号码{number}，另有常住人口登记卡）、医保电子凭证、社会保障卡",
        f"finds all five papers of {child}: birth and vaccination certificates, household entry (ID number {number}, "
        "with its card), insurance e-voucher, social-security card",
    )
    await scene.tell(mother, sentence, answer)
    return Papers(certificates, entry["child"], number)


async def finds_notice(reader: Actor, template: str) -> tuple[dict[str, Any], Exchange]:
    """The newest of this kind, once it is there, and the inbox it lies in."""
    answer = await until(
        lambda: reader.get("notification", "/inbox?limit={limit}", limit=100),
        lambda answer: any(one["template"] == template for one in answer.must()["notices"]),
        Text(f"收到消息 {template}", f"the notice {template}"),
    )
    return next(one for one in answer.body["notices"] if one["template"] == template), answer


async def is_told(scene: Scene, mother: Actor) -> None:
    notice, answer = await finds_notice(mother, "case_completed")
    expect_in("notification", Text("消息写明办成事项", "the notice says what was done"), "户口登记", notice["body"])
    sentence = Text(f"收到消息：“{notice['title']}”", "finds a notice: all of it is done")
    await scene.tell(mother, sentence, answer)


async def are_checked(scene: Scene, papers: Papers) -> None:
    anyone = scene.actor(ANYONE)
    expect("certificates", Text("证照各不相同", "different certificates"), 5, len(set(papers.certificates.values())))
    for identifier in papers.certificates.values():
        answer = await anyone.get("certificates", "/check/{identifier}", identifier=identifier)
        expect("certificates", Text("核验结果", "result of the check"), "valid", answer.must()["status"])
    sentence = Text("五份电子证照逐一核验，均有效", "checks the five certificates: genuine and in force")
    await scene.tell(anyone, sentence, answer)


async def are_a_family(scene: Scene, parent: Actor, numbers: list[str]) -> None:
    """In the register, as either parent sees it."""
    answer = await parent.get("identity", "/households/mine")
    children = sorted(one["id_number"] for one in answer.must()["children"])
    expect("identity", Text("户口上的子女", "the children in the register"), sorted(numbers), children)
    sentence = Text(
        f"在户口登记中看到{len(children)}个孩子，号码各一",
        f"sees {len(children)} children in the register, a number each",
    )
    await scene.tell(parent, sentence, answer)


def _statuses(answer: Exchange) -> dict[str, str]:
    return {one["item"]: one["status"] for one in answer.must()["items"]}
