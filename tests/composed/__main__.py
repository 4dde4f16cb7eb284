"""One line a stage, with the seconds since `.ci/compose` began."""

import asyncio
import os
import sys
import time
from pathlib import Path

import httpx

from deploy.composed.environment import TRIAL_DOMAIN, read
from deploy.composed.make import RELOAD
from deploy.names import NAMES
from tests.composed.accidents import bring_a_new_release, lose_the_brokers_volume, streams, wipe_the_running_broker
from tests.composed.confinement import check_confinement
from tests.composed.engine import Engine
from tests.composed.rest import tell_what_rest_costs
from tests.composed.strangers import THIS_MACHINE, must
from tests.composed.town import Town
from tests.until import until

STARTED = float(os.environ.get("STARTED", time.time()))
TENANTS = ("寓客来", "乔迁喜", "郝模样", "安有例")


def say(stage: str) -> None:
    print(f"compose: {time.time() - STARTED:4.0f}s  {stage}", flush=True)


async def use(directory: Path) -> None:
    """AssertionError: something is not as it should be."""
    told = read(directory / ".env")
    engine = Engine(directory)
    async with Town(engine) as town:
        await are_ready(town)
        await are_addressed_well(town, told["CERTIFICATES_PUBLIC_URL"])
        say("what its containers may do")
        await check_confinement(engine)
        say("a town moves in: staff appointed, people registered, seals made, through the gateway")
        await town.furnish(told["FIRST_ADMINISTRATOR_LOGIN"])
        holders = [await town.certificate(TENANTS[0])]
        say("a certificate was applied for, issued, fetched and checked")
        published = await streams(engine)
        say(f"the broker's volume is removed; it held {published} events")
        await lose_the_brokers_volume(engine)
        holders.append(await town.certificate(TENANTS[1]))
        await until(lambda: holds(engine, published), timeout=60, every=0.5, what="everything is published again")
        say("a second certificate was issued, and everything was published again")
        published = await streams(engine)
        await wipe_the_running_broker(engine)
        say(f"the running broker's data was deleted, {published} events; it was started again by itself")
        holders.append(await town.certificate(TENANTS[2]))
        await until(lambda: holds(engine, published), timeout=60, every=0.5, what="everything is published again")
        say("a third certificate was issued, and everything was published again")
        await tell_what_rest_costs(engine)
        say("a new release comes")
        await bring_a_new_release(engine)
        await are_ready(town)
        await town.refreshed()
        for holder in holders:
            await town.is_valid(holder)
        holders.append(await town.certificate(TENANTS[3]))
        say("sessions went on, three certificates hold, a fourth was issued")
    await tools_agree(engine)


async def holds(engine: Engine, events: int) -> bool:
    return await streams(engine) >= events


async def are_ready(town: Town) -> None:
    for name in NAMES:

        async def ready(name: str = name) -> bool:
            answer = await town.departments[name].get("/health/ready")
            return answer.status_code == 200 and answer.json()["broker_connected"]

        await until(ready, timeout=180, every=0.5, what=f"{name} is ready, the broker too")
    print(f"  ready, through the gateway: {', '.join(NAMES)}")


async def are_addressed_well(town: Town, public_url: str) -> None:
    async with httpx.AsyncClient(base_url=f"http://{THIS_MACHINE}") as plain:
        answer = await plain.get("/check", headers={"host": f"certificates.{TRIAL_DOMAIN}"})
        assert answer.headers["location"] == f"{public_url}/check", answer.headers
    issuer = must(await town.departments["certificates"].get("/.well-known/jwt-vc-issuer"))["issuer"]
    assert issuer == public_url, issuer
    print("  HTTP leads to HTTPS, and credentials name an address that leads here")


async def tools_agree(engine: Engine) -> None:
    """Each ends with 0."""
    for command in (
        RELOAD.split(),
        ["status"],
        ["parked", "list"],
        ["stuck", "list"],
        ["reconcile", "--wait", "60"],
        ["verify"],
    ):
        told = await engine.tool(*command)
        say(f"tongban {' '.join(command)}, from the tools container: 0")
        if command == ["status"]:
            print(told.rstrip())


if __name__ == "__main__":
    asyncio.run(use(Path(sys.argv[1])))
