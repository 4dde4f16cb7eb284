"""Databases replaced by older copies of themselves while people work: all is recovered, or named."""

from collections.abc import Sequence

from deploy.reconcile import party
from deploy.runner.stack import together
from tests import older_copy
from tests.faults.commands import Client
from tests.faults.fault import Fault
from tests.faults.losses import Holdings, Losses, in_broker
from tests.faults.town import Scene
from tests.until import until

OLDER_BY = 60  # commands accepted between copy and restore


def restored_older(*names: str, wipes_broker: bool = False) -> Fault:
    """Each department's copy is of another moment."""

    async def strike(scene: Scene, client: Client) -> str:
        databases = {name: await scene.stack.postgres.create_department(name) for name in names}
        for name in names:
            await scene.halt(name)
            await older_copy.take(databases[name])
            await scene.resume(name)
            await more(client, OLDER_BY // 4 if scene.quick else OLDER_BY)
        scene.losses = Losses()
        everyone = [one.name for one in scene.departments]
        await together(scene.halt(name) for name in everyone)  # so that what others hold stands still
        if wipes_broker:
            await scene.stack.wipe_nats()
        urls = {one.name: one.database_url for one in scene.departments}
        had = await scene.losses.look(urls)
        copies = {name: await Holdings.of(f"{databases[name].app_url}_old") for name in names}
        held = await in_broker([party(one) for one in scene.departments])
        behind = scene.losses.lose(had, had | copies, held)
        for database in databases.values():
            await older_copy.put_back(database)
        await together(scene.resume(name) for name in scene.rng.sample(everyone, len(everyone)))
        await more(client, OLDER_BY // 4)
        return behind

    what = " and ".join(names) + (" and the broker wiped" if wipes_broker else "")
    return Fault(f"restored older: {what}", strike, patience=180)


async def more(client: Client, commands: int) -> None:
    before = len(client.record.accepted)
    await until(lambda: len(client.record.accepted) >= before + commands, timeout=120, what="commands are accepted")


RESTORED: Sequence[Fault] = [
    restored_older("identity"),
    restored_older("notification"),
    restored_older("certificates"),
    restored_older("identity", "certificates"),
    restored_older("certificates", wipes_broker=True),
    restored_older("identity", "certificates", "notification"),
]
