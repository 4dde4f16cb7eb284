"""What happens to a stack: its broker's store is lost, stopped or running, and a new release comes."""

from typing import Any

from tests.composed.engine import Engine
from tests.until import until

NEXT = "next"


async def lose_the_brokers_volume(engine: Engine) -> None:
    """The container goes, its volume with it; another begins with nothing."""
    await engine.compose("rm", "--stop", "--force", "nats")
    await engine.docker("volume", "rm", "tongban_nats")
    await engine.compose("up", "--detach", "nats")


async def wipe_the_running_broker(engine: Engine) -> None:
    """Everything it stored is deleted under it; it ends by itself, and is started again."""
    before = (await engine.containers())["nats"]
    await engine.compose("exec", "--no-TTY", "nats", "sh", "-c", "rm -rf /data/* || rm -rf /data/*")

    async def is_restarted() -> bool:
        now = (await engine.containers())["nats"]
        return bool(now["RestartCount"] > before["RestartCount"] and now["State"]["Running"])

    await until(is_restarted, timeout=60, every=0.5, what="the broker is started again")


async def streams(engine: Engine) -> int:
    """How many events the broker holds, in all streams of all accounts."""
    told = await engine.compose("exec", "--no-TTY", "nats", "wget", "-q", "-O", "-", "http://127.0.0.1:8222/jsz")
    found = [line for line in told.splitlines() if '"messages":' in line]
    return int(found[0].partition(":")[2].strip(" ,"))


async def bring_a_new_release(engine: Engine) -> dict[str, Any]:
    """`up --detach` with images of another label. Departments are replaced, databases are not."""
    before = await engine.containers()
    await engine.compose("build", RELEASE=NEXT)
    await engine.compose("up", "--detach", RELEASE=NEXT)
    after = await engine.containers()
    replaced = {name for name, one in after.items() if before[name]["Id"] != one["Id"]}
    kept = after.keys() - replaced
    assert kept == {name for name in after if name.endswith("-postgres")}, f"replaced: {sorted(replaced)}"
    labels = {after[name]["Config"]["Labels"].get("org.opencontainers.image.version") for name in replaced}
    assert labels == {NEXT}, labels
    return after
