"""People are erased by two officers while departments are killed: nothing of them is left in any database."""

import asyncio
from functools import partial
from uuid import UUID

from deploy.departments import NAMES
from tests.erasure.plain_text import found_in
from tests.faults.commands import Client
from tests.faults.load import VILLAGES
from tests.faults.processes import runs_again
from tests.faults.tokens import Tokens
from tests.faults.town import REGISTRAR, Scene
from tests.until import until

SECOND = "zhengding.registrar2"
LAW = {"basis": "《个人信息保护法》第四十七条第一款第一项"}
WRONG = {"reason": "重复登记", "basis": "分娩记录复印件"}
ERASED_WITHIN = 180.0  # seconds


async def erase_people(scene: Scene, client: Client) -> str:
    """Each entry is annulled and erased, two officers each time, and every process dies at least once meanwhile."""
    tokens = await Tokens.of(scene.stack.secrets, scene.stack.addresses["identity"], REGISTRAR, {SECOND: SECOND})
    officers = tokens.registrar, tokens.reviewers[SECOND]
    numbers = [next(scene.town.numbers) for _ in range(3 if scene.quick else 10)]
    entries = [
        {"name": "柳待删", "id_number": number, "division": VILLAGES[0], "address": f"北街{number}院"}
        for number in numbers
    ]
    report = await client.command("identity", "/people/import", entries, officers[0])
    assert report is not None, "the registrar may enter people"
    people = [UUID(row["person"]) for row in report["entered"]]
    await until(partial(_known, scene, numbers[-1]), timeout=60, every=0.2, what="certificates has heard of them")
    killing = asyncio.create_task(_kill_all(scene))
    try:
        for person in people:
            await _two(client, officers, f"/people/{person}/annulment", WRONG, "annulment")
            await _two(client, officers, f"/people/{person}/erasure", LAW, "proposal")
        await killing
        for person in people:
            erased = partial(_is_erased, client, person, officers[0])
            await until(erased, timeout=ERASED_WITHIN, every=0.5, what="all departments have erased somebody")
    finally:
        killing.cancel()
    for one in scene.departments:
        left = await found_in(one.database_url, numbers)
        assert not left, f"{one.name} still holds {left[:3]}"
    return f"{len(people)} people; {len(NAMES) + 1} processes killed meanwhile"


async def _kill_all(scene: Scene) -> None:
    for name in scene.rng.sample((*NAMES, "nats"), len(NAMES) + 1):
        await asyncio.sleep(scene.rng.uniform(0.1, 0.8))
        before = scene.kept(name).server.pid
        scene.kept(name).server.kill()
        await until(partial(runs_again, scene, name, before), timeout=60, what=f"{name} runs again")
    await scene.stack.ready()


async def _known(scene: Scene, number: str) -> bool:
    return bool(await found_in(scene.department("certificates").database_url, [number]))


async def _two(client: Client, officers: tuple[str, str], route: str, body: dict[str, str], of: str) -> None:
    """One proposes, the other confirms."""
    proposed = await client.command("identity", route, body, officers[0])
    assert proposed is not None, f"{route} cannot be proposed"
    confirmed = await client.command(
        "identity", f"{route}/confirm", {"proposal": proposed[of]["proposal"]}, officers[1]
    )
    assert confirmed is not None, f"{route} cannot be confirmed"


async def _is_erased(client: Client, person: UUID, officer: str) -> bool:
    shown = await client.get("identity", f"/people/{person}/erasure", officer)
    return shown is not None and {one["status"] for one in shown["departments"]} == {"erased"}
