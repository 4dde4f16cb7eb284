"""Whom two officers have erased by law is nowhere: in no byte of any database, on one running stack."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx

from deploy.departments import NAMES
from deploy.reach import reach
from deploy.runner.stack import Stack
from deploy.seed.plant import plant
from deploy.seed.samples import sample_staff
from tests.erasure.plain_text import found_in
from tests.faults.tokens import Tokens
from tests.until import until

NAME, NUMBER, ADDRESS = "柳待删", "130123197501019975", "北街荷花巷99号"
FIRST, SECOND = "zhengding.registrar", "zhengding.registrar2"
ENTRY = {"name": NAME, "id_number": NUMBER, "division": "130123100240", "address": ADDRESS}
LAW = {"basis": "《个人信息保护法》第四十七条第一款第一项"}
WRONG = {"reason": "重复登记", "basis": "分娩记录复印件"}


@asynccontextmanager
async def officers(stack: Stack) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    tokens = await Tokens.of(stack.secrets, stack.addresses["identity"], FIRST, {SECOND: SECOND})
    one, other = (
        httpx.AsyncClient(
            base_url=stack.addresses["identity"],
            headers={"authorization": f"Bearer {token}"},
            timeout=30,
            trust_env=False,
        )
        for token in (tokens.registrar, tokens.reviewers[SECOND])
    )
    async with one, other:
        yield one, other


async def two(one: httpx.AsyncClient, other: httpx.AsyncClient, route: str, body: Any, of: str) -> None:
    """One proposes, the other confirms."""
    proposed = (await one.post(route, json=body)).raise_for_status().json()
    await_confirmed = {"proposal": proposed[of]["proposal"]}
    (await other.post(f"{route}/confirm", json=await_confirmed)).raise_for_status()


async def test_whom_two_officers_erased_is_in_no_byte_of_any_database(tmp_path_factory: Any) -> None:
    async with Stack(tmp_path_factory.mktemp("stack"), tell=lambda _: None) as stack:
        await stack.ready()
        await plant(
            stack.addresses["identity"],
            stack.secrets,
            [one for one in sample_staff() if one.login in (FIRST, SECOND)],
            [],
        )
        urls = {name: reach(stack.data_dir, name).database_url for name in NAMES}
        async with officers(stack) as (one, other):
            report = (await one.post("/people/import", json=[ENTRY])).raise_for_status().json()
            person = UUID(report["entered"][0]["person"])

            async def known_everywhere() -> bool:
                heard = [await found_in(urls[name], [NAME]) for name in ("certificates", "insurance", "cases")]
                return all(heard)

            await until(known_everywhere, timeout=60, every=0.5)
            await two(one, other, f"/people/{person}/annulment", WRONG, "annulment")
            await two(one, other, f"/people/{person}/erasure", LAW, "proposal")

            async def all_erased() -> bool:
                shown = (await one.get(f"/people/{person}/erasure")).raise_for_status().json()
                return {one["status"] for one in shown["departments"]} == {"erased"}

            await until(all_erased, timeout=120, every=0.5)

            left = {name: await found_in(url, [NAME, NUMBER, ADDRESS]) for name, url in urls.items()}
            assert left == {name: [] for name in NAMES}
