"""A birth as one thing: one form in, five papers out; and again while the insurance is stopped.

Fujian's 出生一件事: the departments share nothing but events, so one that is away delays its own branch only.
Everything is asked over HTTP, by whoever would ask it.
"""

import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from types import MappingProxyType

from deploy.demo.expectations import expect
from deploy.demo.interruption import Interruption
from deploy.demo.scene import Scene
from deploy.demo.stories import birth_counter as counters
from deploy.demo.stories import birth_mistakes as mistakes
from deploy.demo.stories import birth_offices as offices
from deploy.demo.stories import birth_parents as parents
from deploy.demo.stories import birth_register as register
from deploy.demo.stories.birth_cast import (
    COUNTER,
    FIRST,
    HOSPITAL,
    INSURANCE,
    MISHEARD,
    POLICE,
    REGISTRAR,
    SECOND,
    SOCIAL_SECURITY,
    BirthCast,
)
from deploy.demo.teller import Row
from shared.standards.text import Text

TITLE = Text("出生一件事：一张表、跑一次、五证齐", "Birth as one thing: one form, one visit, five papers")

KILLS = MappingProxyType({"cases": Interruption("cases", "/cases/{case}/consent")})
"""Where in this story each department is best killed."""

Switch = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Outcome:
    seconds: float  # from sending the form to the fifth paper
    after_mending: float  # from the father's agreeing anew to the fifth paper
    after_return: float  # from insurance's return to the fifth paper
    fields: int
    forms: int
    visits: int
    visits_separately: int
    promise_days: int
    numbers: tuple[str, str]  # of the children
    replaced: register.Replaced


async def play(scene: Scene, cast: BirthCast, halt: Switch, resume: Switch) -> Outcome:
    """`halt` and `resume` stop and start a department. Raises Unmet when something is not as it should be."""
    scene.teller.chapter(TITLE)
    scene.teller.chapter(Text("一张表", "One form"))
    mother = await parents.has_an_account(scene, cast.mother, parents.MOTHER)
    father = await parents.has_an_account(scene, cast.father, parents.FATHER)
    officers = await offices.sign_in(scene, cast)
    form = await parents.opens_the_form(scene, mother)
    began = time.perf_counter()
    await mistakes.is_refused_at_once(scene, mother)
    case = await parents.hands_in(scene, mother, MISHEARD, "first")
    await parents.agrees(scene, father, case)
    await parents.handed_in_again(scene, father, MISHEARD, "first")

    scene.teller.chapter(Text("填错一字，只补正一项", "A mistake is put right"))
    former = await mistakes.is_found_by_the_hospital(scene, officers[HOSPITAL])
    await mistakes.is_told_to_her(scene, mother, case)
    await mistakes.is_put_right(scene, mother, case)
    await mistakes.is_agreed_to_anew(scene, father, case)
    mended = time.perf_counter()

    scene.teller.chapter(Text("五个部门", "Five departments"))
    await offices.decide_all(scene, officers, former)
    first = await parents.finds_it_closed(scene, mother, case, FIRST)
    seconds, after_mending = time.perf_counter() - began, time.perf_counter() - mended
    await parents.is_told(scene, mother)
    await parents.are_checked(scene, first)
    await mistakes.is_right_on_paper(scene, mother, first)

    scene.teller.chapter(Text("双胞胎妹妹，医保系统停机", "Her twin, while insurance is stopped"))
    await halt("insurance")
    scene.say(Text("医保系统（insurance）停机", "insurance is stopped"))
    try:
        case = await parents.hands_in(scene, mother, SECOND, "second")
        await parents.agrees(scene, father, case)
        await offices.decides(scene, officers[HOSPITAL], "birth_medical", "vaccination")
        await offices.decides(scene, officers[POLICE], "household_page")
        await offices.decides(scene, officers[SOCIAL_SECURITY], "social_security_card")
        done = ("birth_medical", "vaccination", "household_entry", "household_card", "social_security_card")
        answer = await parents.sees_done(mother, case, *done)
        waiting = {one["item"]: one["status"] for one in answer.must()["items"] if one["item"] not in done}
        only = {"enrolment": "requested", "insurance_voucher": "waiting"}
        expect("cases", Text("只有医保的两项在等", "only insurance's branch waits"), only, waiting)
        sentence = Text(
            "看到卫健、公安、社保的五项已办结，只有医保的两项待办",
            "sees health, police and social security done; only insurance's two items wait",
        )
        await scene.tell(mother, sentence, answer)
    finally:
        await resume("insurance")
    came_back = time.perf_counter()
    scene.say(
        Text(
            "医保系统恢复运行，无人催办，自行补办参保登记",
            "insurance is back and enrols her by itself; nobody asked again",
        )
    )
    await offices.decides(scene, officers[INSURANCE], "insurance_voucher")
    second = await parents.finds_it_closed(scene, mother, case, SECOND)
    after_return = time.perf_counter() - came_back
    await parents.are_checked(scene, second)
    await parents.are_a_family(scene, father, [first.id_number, second.id_number])

    scene.teller.chapter(Text("发证后户籍更正，证照自动换发", "After all is issued the register is corrected"))
    replaced = await register.follows_in_the_papers(scene, cast, officers[REGISTRAR], mother, [first, second])

    scene.teller.chapter(Text("未婚母亲到窗口办理", "An unmarried mother at the counter"))
    alone = await counters.is_handed_in(scene, cast, officers[COUNTER])
    await offices.decide_all(scene, officers)
    await counters.is_done(scene, officers[COUNTER], officers[HOSPITAL], alone)
    return Outcome(
        seconds=seconds,
        after_mending=after_mending,
        after_return=after_return,
        fields=len(form["fields"]),
        forms=form["effort"]["forms"],
        visits=form["effort"]["visits"],
        visits_separately=form["effort_separately"]["visits"],
        promise_days=form["promise_days"],
        numbers=(first.id_number, second.id_number),
        replaced=replaced,
    )


def rows(outcome: Outcome) -> Iterator[Row]:
    """For the summary."""
    yield Row(
        Text("出生一件事", "birth as one thing"),
        Text(
            f"{outcome.forms}张表、跑{outcome.visits}次（报道：同为1张表、1次，此前十多次），{outcome.seconds:.2f}秒出五证"
            f"（承诺{outcome.promise_days}个工作日，报道：4个工作日办结；这里无人阅读、核对，仅是系统用时）",
            f"{outcome.forms} form and {outcome.visits} visit (newspaper: the same, before over 10 trips), five "
            f"papers after {outcome.seconds:.2f} s (promised {outcome.promise_days} working days, newspaper: in 4; "
            "here nobody reads or compares, this is the system's share)",
        ),
    )
    yield Row(
        Text("填错一字", "a mistake put right"),
        Text(
            f"姓氏有误，提交时当场指出；同音字由医院核对发现，只补正1项，父亲重新同意后{outcome.after_mending:.2f}秒五证办齐",
            "a wrong surname was refused when handed in; another word of the same sound was found by the hospital: one "
            f"field corrected, the father agreed anew, and {outcome.after_mending:.2f} s later all was there",
        ),
    )
    yield Row(
        Text("发证后更正", "a correction after issue"),
        Text(
            f"户籍更正母亲姓名，写有其姓名的{outcome.replaced.papers}份证照{outcome.replaced.seconds:.2f}秒内自动换发，"
            "无人申请；旧证照核验时指向新证照",
            f"the register corrected the mother's name, and the {outcome.replaced.papers} papers that name her were "
            f"replaced within {outcome.replaced.seconds:.2f} s; nobody applied, and who checks an old one is told the "
            "new one",
        ),
    )
    yield Row(
        Text("医保系统停机时", "while insurance was stopped"),
        Text(
            f"其余五项照常办成；医保系统恢复后{outcome.after_return:.2f}秒自行补齐",
            f"the other five items were done; {outcome.after_return:.2f} s after its return the rest was, by itself",
        ),
    )
