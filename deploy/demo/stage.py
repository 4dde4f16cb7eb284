"""A running stack, made ready for a story."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from deploy.demo.departments import connected
from deploy.demo.expectations import expect
from deploy.demo.interruption import Interrupting, Interruption, Moment
from deploy.demo.journeys import Journeys, who_takes_in
from deploy.demo.scene import SYSTEM, Scene
from deploy.demo.teller import Teller, Told
from deploy.demo.wording import milliseconds
from deploy.runner.stack import Stack
from deploy.seed.insure import insure
from deploy.seed.marry import marry
from deploy.seed.plant import plant
from deploy.seed.plant_seals import plant_seals
from deploy.seed.samples import sample_insured, sample_marriages, sample_people, sample_staff
from deploy.sign_up import Entrance
from shared.contracts.catalogue import CONTRACTS
from shared.standards.text import Text


@asynccontextmanager
async def staged(stack: Stack, teller: Teller, interruptions: Sequence[Interruption] = ()) -> AsyncIterator[Scene]:
    """Raises Unmet when the moment of an interruption never came."""

    def kill(one: Interruption) -> None:
        stack.kill(one.department)
        teller.told(Told(SYSTEM, _killed(one)))

    transport = Interrupting(interruptions, kill)
    async with connected(stack.addresses, transport) as departments:
        journeys = Journeys(departments, await who_takes_in(departments))
        yield Scene(departments, journeys, teller, Entrance.of(stack))
    for one in transport.ahead:
        expect(one.department, Text("被终止", "was killed"), one, None)


def _killed(one: Interruption) -> Text:
    if one.moment is Moment.answered:
        return Text(
            f"kill -9 {one.department}：{one.route} 已办理，答复在途中丢失",
            f"kill -9 {one.department}: {one.route} is done, its answer is lost on the way",
        )
    return Text(
        f"kill -9 {one.department}：{one.route} 已发出，尚未答复",
        f"kill -9 {one.department}: {one.route} is sent, not yet answered",
    )


async def who_is_up(scene: Scene, stack: Stack) -> None:
    """Each department says that it can serve."""
    titles = {contract.department: contract.title for contract in CONTRACTS}
    for name, department in scene.departments.items():
        health = await department.get("/health/ready")
        expect(name, Text("可以办理", "ready to serve"), expected=True, came=health.must()["is_ready"])
        title, where = titles[name], f"{stack.addresses[name]}, pid {stack.pids[name]}"
        sentence = Text(f"“{title.zh}”可以办理：{where}", f"“{title.en}” is ready: {where}")
        await scene.tell(scene.actor(SYSTEM), sentence, health)


async def sample_data(scene: Scene, stack: Stack) -> None:
    """As `tongban seed` does, into a stack that has none; then wait until it is known wherever it is taken in."""
    staff, identity = sample_staff(), stack.addresses["identity"]
    planted = await plant(identity, stack.secrets, staff, sample_people())
    married = await marry(identity, stack.secrets, staff, sample_people(), sample_marriages())
    answered = time.perf_counter()
    await scene.journeys.caught_up("local.identity.staff", planted.appointed + 1)  # and the first administrator
    await scene.journeys.caught_up("local.identity.people", planted.entered + married)
    waited = milliseconds((time.perf_counter() - answered) * 1000)
    scene.say(
        Text(
            f"公安任命{planted.appointed}名经办人员，登记户籍{planted.entered}人；{waited}内订阅部门已全部收到",
            f"identity appoints {planted.appointed} staff and enters {planted.entered} people in the household "
            f"register; {waited} later every subscriber has them",
        )
    )
    insured = await insure(identity, stack.addresses["insurance"], stack.secrets, staff, sample_insured())
    scene.say(Text(f"医保为其中{insured}人登记参保", f"insurance enrols {insured} of them"))
    began = time.perf_counter()
    sealed = await plant_seals(stack.addresses, stack.secrets, staff)
    took = milliseconds((time.perf_counter() - began) * 1000)
    scene.say(
        Text(
            f"印章管理员制作并备案印章和签名{sealed}枚，用时{took}",
            f"the keepers of seals have {sealed} seals and signatures made and registered in {took}",
        )
    )
