"""`python -m tests.stories.births --count 1000`: so many births at once, and each has one entry, one number, one set of
papers.

Both parents hand in the same birth at the same instant; the one who came second agrees. The issuing bodies' people
decide whatever lies in their queues. Everything is asked and compared over HTTP; the
departments' books are compared as `tongban reconcile` does.
"""

import argparse
import asyncio
import io
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import uvloop

from deploy.demo.actors import Actor
from deploy.demo.plain import PlainTeller
from deploy.demo.scene import Scene
from deploy.demo.stage import sample_data, staged
from deploy.demo.stories.birth_cast import HOSPITAL, INSURANCE, POLICE, SOCIAL_SECURITY
from deploy.demo.wording import Spoken
from deploy.reach import reach_all
from deploy.reconcile import party, until_clean
from deploy.runner.stack import Stack
from deploy.sharing import SHARING_FILE
from shared.contracts.catalogue import CONTRACTS
from shared.contracts.sharing import read_catalogue
from shared.standards.check_digits import mod_11_2
from shared.standards.shanghai import day_in_shanghai
from shared.standards.text import Text
from tests.faults.tokens import Tokens
from tests.faults.verdict import told_by

REGISTRAR = "zhengding.registrar"
OFFICERS = (HOSPITAL, POLICE, INSURANCE, SOCIAL_SECURITY)
VILLAGE = "130123100240"
PHONE = "13800138000"
AN_IMPORT = 1000  # people or marriages a request
UNDER_WAY = 50  # requests
LOOK = 0.5  # seconds between looks
ON_THE_WAY = {"not_registered", "not_married"}  # identity's events have not arrived yet
PAPERS = ("birth_medical", "vaccination", "household_card", "insurance_voucher", "social_security_card")


@dataclass(frozen=True, slots=True)
class Couple:
    mother: UUID
    father: UUID


@dataclass(frozen=True, slots=True)
class Outcome:
    """`waits`: seconds from the form to the end, by case."""

    seconds: float
    waits: tuple[float, ...]
    wrong: tuple[str, ...]


async def births_at_once(stack: Stack, count: int) -> Outcome:
    """On a running stack without sample data."""
    async with staged(stack, PlainTeller(Spoken.en, io.StringIO())) as scene:
        await sample_data(scene, stack)
        tokens = await Tokens.of(
            stack.secrets, stack.addresses["identity"], REGISTRAR, {login: login for login in OFFICERS}
        )
        couples = await _wed(scene, tokens, count)
        town = Town(scene, tokens, asyncio.Semaphore(UNDER_WAY))
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            deciding = [group.create_task(town.keep_deciding(login)) for login in OFFICERS]
            cases = await asyncio.gather(*(town.bear(couple, n) for n, couple in enumerate(couples)))
            ended = await town.ended(list(zip(cases, couples, strict=True)))
            for task in deciding:
                task.cancel()
        seconds = time.perf_counter() - began
        wrong = [*_compared(ended), *await town.looked_up(ended)]
    catalogue = read_catalogue(SHARING_FILE, CONTRACTS)
    books = await until_clean([party(one) for one in reach_all(stack.data_dir)], catalogue, 60, lambda _: None)
    return Outcome(seconds, tuple(_took(shown) for _, shown in ended), (*wrong, *told_by(books)))


def _numbers() -> Iterator[str]:
    """A husband's, a wife's, and so on. Nobody bears them: their sequences are kept for people over a hundred."""
    for n in range(7000):
        for sequence in ("997", "998"):
            body = f"130124{date(1975, 1, 1) + timedelta(days=n):%Y%m%d}{sequence}"
            yield body + mod_11_2(body)


async def _wed(scene: Scene, tokens: Tokens, count: int) -> list[Couple]:
    """So many couples in the household register."""
    registrar = scene.actor(Text("户籍民警", "registrar"), tokens.registrar)
    numbers = list(islice(_numbers(), 2 * count))
    rows = [
        {
            "name": "甄样例" if number[16] == "7" else "季试用",
            "id_number": number,
            "division": VILLAGE,
            "address": "东街1号",
        }
        for number in numbers
    ]
    ids: list[UUID] = []
    for start in range(0, len(rows), AN_IMPORT):
        report = (await registrar.post("identity", "/people/import", rows[start : start + AN_IMPORT])).must()
        assert not report["rejected"], report["rejected"][:3]
        ids += [UUID(row["person"]) for row in sorted(report["entered"], key=lambda row: row["line"])]
    marriages = [
        {
            "husband_id_number": husband,
            "wife_id_number": wife,
            "licence": f"J130123-2020-{n:06}",
            "married_on": "2020-05-20",
        }
        for n, (husband, wife) in enumerate(list(pairwise(numbers))[::2])
    ]
    for start in range(0, len(marriages), AN_IMPORT):
        batch = marriages[start : start + AN_IMPORT]
        report = (await registrar.post("identity", "/marriages/import", batch)).must()
        assert not report["rejected"], report["rejected"][:3]
    return [Couple(mother=wife, father=husband) for husband, wife in list(pairwise(ids))[::2]]


@dataclass(frozen=True, slots=True)
class Town:
    """Parents and officers, signed in."""

    scene: Scene
    tokens: Tokens
    under_way: asyncio.Semaphore

    def citizen(self, person: UUID) -> Actor:
        return self.scene.actor(Text("父母", "parent"), self.tokens.citizen(person))

    async def bear(self, couple: Couple, n: int) -> UUID:
        """Both parents hand it in at once; the second agrees."""
        born_on = day_in_shanghai(datetime.now(UTC)) - timedelta(days=1 + n // 2 % 90)
        form = {
            "child_name": "甄小满",
            "child_sex": ("female", "male")[n % 2],
            "birth_date": born_on.isoformat(),
            "birth_order": "first",
            "birth_time": "09:30",
            "gestation_weeks": "39",
            "weight_grams": "3250",
            "length_cm": "50",
            "hospital": "zhengding_maternal",
            "householder": "mother",
            "card_bank": "icbc",
            "mother_phone": PHONE,
            "father_phone": PHONE,
        }
        parents = [self.citizen(couple.mother), self.citizen(couple.father)]
        async with self.under_way:
            answers = await asyncio.gather(*(self._hands_in(parent, form) for parent in parents))
            assert sorted(one.status for one in answers) == [201, 409], [one.body for one in answers]
            opened = next(one for one in answers if one.status == 201)
            second = next(parent for parent, one in zip(parents, answers, strict=True) if one.status == 409)
            case = UUID(opened.body["case"])
            (await second.post("cases", "/cases/{case}/consent", case=case)).must()
        return case

    async def _hands_in(self, parent: Actor, form: dict[str, str]) -> Any:
        while True:
            answer = await parent.post("cases", "/cases", {"definition": "birth", "form": form})
            if answer.status != 409 or answer.body["code"] not in ON_THE_WAY:
                return answer
            await asyncio.sleep(LOOK)

    async def keep_deciding(self, login: str) -> None:
        """Whatever is in the queue."""
        officer = self.scene.actor(Text("经办人", "officer"), self.tokens.reviewers[login])
        while True:
            waiting = (await officer.get("certificates", "/review-queue?limit={limit}", limit=100)).must()["waiting"]
            if not waiting:
                await asyncio.sleep(LOOK)
                continue
            decisions = [{"application": one["application"], "decision": "approve"} for one in waiting]
            # a few at a time, so that each answer comes in time on a slow machine, too
            (await officer.post("certificates", "/review-queue/decide", {"decisions": decisions[:4]})).must()

    async def ended(self, cases: Sequence[tuple[UUID, Couple]]) -> list[tuple[Couple, dict[str, Any]]]:
        """How each stands once all are closed."""
        ended: list[tuple[Couple, dict[str, Any]]] = []
        running = list(cases)
        while running:
            shown = await self._each([lambda one=one: self._shown(*one) for one in running])  # type: ignore[misc]
            ended += [one for one in shown if one[1]["status"] == "closed"]
            running = [one for one, (_, now) in zip(running, shown, strict=True) if now["status"] != "closed"]
            await asyncio.sleep(LOOK)
        return ended

    async def _shown(self, case: UUID, couple: Couple) -> tuple[Couple, dict[str, Any]]:
        return couple, (await self.citizen(couple.mother).get("cases", "/cases/{case}", case=case)).must()

    async def looked_up(self, ended: Sequence[tuple[Couple, dict[str, Any]]]) -> list[str]:
        """What register and certificates hold of each, beside what the case says."""
        found = await self._each([lambda one=one: self._looked_up(*one) for one in ended])  # type: ignore[misc]
        return [wrong for wrongs in found for wrong in wrongs]

    async def _looked_up(self, couple: Couple, shown: dict[str, Any]) -> list[str]:
        case, results = shown["case"], _results(shown)
        wrong = []
        for parent in (couple.mother, couple.father):
            children = (await self.citizen(parent).get("identity", "/households/mine")).must()["children"]
            if [one["id_number"] for one in children] != [results["household_entry"].get("child_id_number")]:
                wrong.append(f"{case}: {len(children)} children in the register")
        mother = self.citizen(couple.mother)
        child = results["household_entry"].get("child", "")
        own = (await mother.get("certificates", "/certificates")).must()["certificates"]
        childs = (await mother.get("certificates", "/certificates?of={child}", child=child)).must()["certificates"]
        held = [one["identifier"] for one in (*own, *childs)]
        if sorted(held) != sorted(results[item].get("certificate", "none") for item in PAPERS):
            wrong.append(f"{case}: {len(held)} certificates")
        return wrong

    async def _each(self, asks: Sequence[Callable[[], Awaitable[Any]]]) -> list[Any]:
        async def one(ask: Callable[[], Awaitable[Any]]) -> Any:
            async with self.under_way:
                return await ask()

        return await asyncio.gather(*(one(ask) for ask in asks))


def _compared(ended: Sequence[tuple[Couple, dict[str, Any]]]) -> Iterator[str]:
    """All completed; no number and no certificate twice."""
    yield from (f"{shown['case']}: {shown['closed']}" for _, shown in ended if shown["closed"] != "completed")
    results = [_results(shown) for _, shown in ended]
    numbers = {one["household_entry"].get("child_id_number") for one in results}
    if len(numbers) != len(ended):
        yield f"{len(numbers)} numbers for {len(ended)} births"
    identifiers = {one[item].get("certificate") for one in results for item in PAPERS}
    if len(identifiers) != len(PAPERS) * len(ended):
        yield f"{len(identifiers)} certificates for {len(ended)} births"


def _results(shown: dict[str, Any]) -> dict[str, dict[str, str]]:
    return {one["item"]: one["results"] for one in shown["items"]}


def _took(shown: dict[str, Any]) -> float:
    opened, closed = (datetime.fromisoformat(shown[one]) for one in ("opened_at", "closed_at"))
    return (closed - opened).total_seconds()


async def _main(count: int) -> int:
    with tempfile.TemporaryDirectory(prefix="tongban-births-") as directory:
        async with Stack(Path(directory), tell=lambda _: None) as stack:
            await stack.ready()
            outcome = await births_at_once(stack, count)
    print(
        f"{count} births in {outcome.seconds:.1f} s ({count / outcome.seconds:.2f}/s), form to end p50 "
        f"{median(outcome.waits):.1f} s, max {max(outcome.waits):.1f} s; wrong: {len(outcome.wrong)}"
    )
    print(*outcome.wrong[:20], sep="\n")
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.stories.births", description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="births (default 1000)")
    raise SystemExit(uvloop.run(_main(parser.parse_args().count)))
