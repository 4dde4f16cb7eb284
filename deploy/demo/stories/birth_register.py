"""After all is closed the register corrects the mother's name: every paper that names her is replaced by itself."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deploy.demo.actors import Actor
from deploy.demo.exchange import Exchange
from deploy.demo.expectations import expect, expect_in
from deploy.demo.patience import until
from deploy.demo.scene import Scene
from deploy.demo.stories.birth_cast import MOTHER_CORRECTED, BirthCast
from deploy.demo.stories.birth_parents import ANYONE, Papers
from shared.standards.text import Text

PEOPLE = "local.identity.people"
NAMING_HER = ("birth_medical", "vaccination", "household_card")
"""The householder is the mother."""
WHY = "原登记姓名录入有误，经核对户籍档案更正"


@dataclass(frozen=True, slots=True)
class Replaced:
    """`papers`: how many; `seconds`: from the correction until all were there; `numbers`: of a birth certificate."""

    papers: int
    seconds: float
    numbers: tuple[str, str]


async def follows_in_the_papers(
    scene: Scene, cast: BirthCast, registrar: Actor, mother: Actor, children: Sequence[Papers]
) -> Replaced:
    """Nobody applies, and nobody of the issuing bodies is asked."""
    named = [paper for child in children for item, paper in child.certificates.items() if item in NAMING_HER]
    others = [paper for child in children for item, paper in child.certificates.items() if item not in NAMING_HER]
    began = time.perf_counter()
    await _is_corrected(scene, cast, registrar, mother)
    newer = {old: await _newer(scene, old) for old in named}
    seconds = time.perf_counter() - began
    held = await _held(mother, children)
    birth = children[0].certificates["birth_medical"]
    numbers = (held[birth]["number"], held[newer[birth]]["number"])
    await _finds_them(scene, mother, held, newer, others, numbers)
    await _is_told_why(scene, mother, newer)
    await _are_checked(scene, birth, newer[birth])
    return Replaced(len(newer), seconds, numbers)


async def _is_corrected(scene: Scene, cast: BirthCast, registrar: Actor, mother: Actor) -> None:
    person = (await mother.get("identity", "/households/mine")).must()["person"]
    body = {"name": MOTHER_CORRECTED, "id_number": cast.mother.person.id_number[:], "reason": WHY}
    answer = await registrar.post("identity", "/people/{person}/correct", body, person=person)
    expect("identity", Text("更正后的姓名", "the name as corrected"), MOTHER_CORRECTED, answer.must()["name"])
    sentence = Text(
        f"更正母亲的户籍登记：姓名由“{cast.mother.person.name}”更正为“{MOTHER_CORRECTED}”（{WHY}）；无须通知任何部门",
        "corrects the mother's name in the household register, and nobody else has to be told",
    )
    await scene.tell(registrar, sentence, answer, feeds=[PEOPLE])


async def _newer(scene: Scene, old: str) -> str:
    """The replacement, as a check of the old certificate names it."""
    answer = await until(
        lambda: scene.actor(ANYONE).get("certificates", "/check/{identifier}", identifier=old),
        lambda answer: answer.must()["status"] == "superseded",
        Text("旧证照已被取代", "the old paper is superseded"),
    )
    newer: str = answer.body["superseded_by"]
    return newer


async def _held(mother: Actor, children: Sequence[Papers]) -> dict[str, dict[str, Any]]:
    """All papers that she and the children were ever given, by identifier."""
    lists = [
        await mother.get("certificates", "/certificates"),
        *[await mother.get("certificates", "/certificates?of={child}", child=one.child) for one in children],
    ]
    return {one["identifier"]: one for answer in lists for one in answer.must()["certificates"]}


async def _finds_them(
    scene: Scene,
    mother: Actor,
    held: Mapping[str, dict[str, Any]],
    newer: Mapping[str, str],
    others: Sequence[str],
    numbers: tuple[str, str],
) -> None:
    statuses = {identifier: one["status"] for identifier, one in held.items()}
    expected = dict.fromkeys(newer, "superseded") | dict.fromkeys([*newer.values(), *others], "valid")
    expect("certificates", Text("新旧证照的状态", "how old and new papers stand"), expected, statuses)
    expect("certificates", Text("出生证编号换新", "a new number"), 2, len(set(numbers)))
    certificate = held[next(iter(newer.values()))]["certificate"]
    answer = await mother.get("certificates", "/certificates/{certificate}", certificate=certificate)
    what = Text("新证照上的姓名", "the name on the new paper")
    expect("certificates", what, MOTHER_CORRECTED, answer.must()["holder_name"])
    sentence = Text(
        f"未提出申请，写有其姓名的{len(newer)}份证照已自动换发：出生医学证明、预防接种证、常住人口登记卡，两个孩子各一份；"
        f"出生医学证明换新编号（{numbers[0]}换为{numbers[1]}），未写其姓名的{len(others)}份不变",
        f"finds the {len(newer)} papers that name her replaced, and she had not applied: birth and vaccination "
        f"certificate and household card of both children; a birth certificate has a new number ({numbers[0]} became "
        f"{numbers[1]}), and the {len(others)} that do not name her are as they were",
    )
    await scene.tell(mother, sentence, answer)


async def _is_told_why(scene: Scene, mother: Actor, newer: Mapping[str, str]) -> None:
    """Of each paper: that it stops, with the reason, and which takes its place."""

    def told(inbox: Exchange, template: str) -> list[dict[str, Any]]:
        return [one for one in inbox.must()["notices"] if one["template"] == template]

    answer = await until(
        lambda: mother.get("notification", "/inbox?limit={limit}", limit=100),
        lambda answer: len(told(answer, "certificate_superseded")) == len(newer),
        Text("收到换发消息", "the notices of what was replaced"),
    )
    why, replaced = told(answer, "certificate_suspended")[0]["body"], told(answer, "certificate_superseded")
    expect_in("notification", Text("消息写明原因", "the notice gives the reason"), "户籍登记已更正", why)
    for old, new in newer.items():
        is_named = any(old in one["body"] and new in one["body"] for one in replaced)
        expect("notification", Text("消息写明新旧标识", "a notice names old and new"), expected=True, came=is_named)
    reason = why.partition("原因：")[2].partition("\n")[0]
    sentence = Text(
        f"每份都收到消息，写明新旧标识和原因：“{reason}”",
        "is told of each: the old and the new identifier, and why it was replaced",
    )
    await scene.tell(mother, sentence, answer)


async def _are_checked(scene: Scene, old: str, new: str) -> None:
    anyone = scene.actor(ANYONE)
    former = await anyone.get("certificates", "/check/{identifier}", identifier=old)
    expect("certificates", Text("指向新证照", "it names the new one"), new, former.must()["superseded_by"])
    sentence = Text(
        f"核验旧的出生医学证明：“{former.body['message']}”",
        "checks the old birth certificate, and is told which took its place",
    )
    await scene.tell(anyone, sentence, former)
    latter = await anyone.get("certificates", "/check/{identifier}", identifier=new)
    expect("certificates", Text("核验新证照", "the new one, checked"), "valid", latter.must()["status"])
    await scene.tell(anyone, Text("核验新的出生医学证明，有效", "checks the new one: genuine and in force"), latter)
