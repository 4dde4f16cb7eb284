"""A mother of 74 is operated on in another city; the window settles at once, while identity is stopped.

Her son acts for her under a mandate.

Guangxi, since 1 July 2023: no filing within the region, no cut in the ratio. Everything is asked over HTTP, by whoever
would ask it.
"""

import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from types import MappingProxyType

from deploy.demo.interruption import Interruption
from deploy.demo.patience import until
from deploy.demo.scene import Scene
from deploy.demo.stories import away_family as family
from deploy.demo.stories import away_held as held
from deploy.demo.stories import away_son as sons
from deploy.demo.stories import away_window as windows
from deploy.demo.stories.away_cast import AwayCast
from deploy.demo.teller import Row
from shared.standards.text import Text

TITLE = Text("74岁母亲异地住院，窗口直接结算", "A mother of 74 treated away from home")

KILLS = MappingProxyType({"insurance": Interruption("insurance", "/settlements")})
"""Where in this story each department is best killed."""

Switch = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Outcome:
    saved: str  # yuan, by the family
    seconds: float  # from sending the bill to the settlement
    held: held.Held


async def play(scene: Scene, cast: AwayCast, halt: Switch, resume: Switch) -> Outcome:
    """`halt` and `resume` stop and start a department. Raises Unmet when something is not as it should be."""
    scene.teller.chapter(TITLE)
    scene.teller.chapter(Text("入院", "Admission"))
    mother = await family.has_an_account(scene, cast)
    son = await sons.has_an_account(scene, cast)
    mandate = await sons.is_let_act(scene, mother, son, cast)
    window = await windows.signs_in(scene, cast)

    scene.teller.chapter(Text("公安系统停机，窗口照常", "Identity is stopped; the window goes on"))
    await halt("identity")
    scene.say(Text("公安系统（identity）停机", "identity is stopped"))
    try:
        saved = await windows.compares(scene, window, cast)
        began = time.perf_counter()
        settled = await windows.settles(scene, window, cast)
        seconds = time.perf_counter() - began
        await windows.settles_again(scene, window, cast, settled)
        await family.is_told(scene, mother)
        await family.reads_the_sheet(scene, mother, settled)
        await sons.reads_her_sheet(scene, son, mandate, settled)
        await family.sums_up(scene)
    finally:
        await resume("identity")
    health = await until(
        lambda: scene.departments["identity"].get("/health/ready"),
        lambda answer: answer.status == 200,
        Text("公安系统恢复", "identity is back"),
    )
    back = Text("公安系统恢复运行；停机期间结算均未受影响", "identity is back; no settlement waited for it")
    await scene.tell(scene.actor(Text("系统", "system")), back, health)

    scene.teller.chapter(Text("儿子代母亲办事", "The son acts for his mother"))
    await sons.applies_for_her(scene, mother, son, mandate)
    await sons.acts_no_more(scene, mother, son, mandate)

    scene.teller.chapter(Text("账单有疑点，先核实，两人决定", "A doubtful bill is held, and two decide"))
    decided = await held.is_decided_by_two(scene, cast, mother)
    return Outcome(saved, seconds, decided)


def rows(outcome: Outcome) -> Iterator[Row]:
    """For the summary."""
    yield Row(
        Text("异地就医，家庭少付", "away from home, the family pays less"),
        Text(
            f"{outcome.saved}元（报道：少花4000多元）；窗口结算{outcome.seconds:.2f}秒，公安系统停机期间",
            f"{outcome.saved} yuan (newspaper: 4,000 and more); settled in {outcome.seconds:.2f} s while identity was "
            "stopped",
        ),
    )
    yield Row(
        Text("待核实的账单", "a bill that was held"),
        Text(
            f"住院日期重叠的{outcome.held.amount}元未经核实不支付；两名经办人决定不予支付，日期更正后结算，"
            f"基金支付{outcome.held.fund}元",
            f"{outcome.held.amount} yuan of overlapping stays was not paid by itself; two officers refused it, and "
            f"with the right dates the funds pay {outcome.held.fund}",
        ),
    )
