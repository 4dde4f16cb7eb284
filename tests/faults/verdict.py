"""What is looked at after a fault: nothing lost, doubled or skipped, all departments the same, models as rebuilt.

*Lost*: an accepted command whose event is not stored, or a consequence that never came. *Doubled*: a command with two
outcomes, or a consequence that came twice. *Skipped*: an event that a subscriber should have and has not; see
`skipped`.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from deploy.books import Party, Unreachable
from deploy.health import ask_all
from deploy.reach import Reached
from deploy.reconcile import FeedAccount, party, until_clean
from shared.contracts.sharing import Catalogue
from shared.eventstore.differences import differences
from tests.faults.commands import Command, Record
from tests.faults.losses import Losses
from tests.faults.skipped import skipped

MOST = 5  # rows told of a table
# after an older database came back this is as it should be: what was decided on a phantom waits for two officers, and a
# command that was lost is decided again
TOLD_AS_LOST = ("FOLLOWED FROM PHANTOMS", "accepted, then")

STORED = """
select metadata ->> 'request' as request, type, id from events where metadata ->> 'request' = any($1::text[])
"""
PRESENT = "select id from events where id = any($1::uuid[])"
NOTICES = """
select count(*) as written, count(distinct metadata ->> 'causation_id') as causes,
       count(distinct (metadata ->> 'causation_id', data ->> 'recipient', data ->> 'template')) as told,
       (select count(*) from inbox where type = any($1::text[])) as to_tell
from events where type = 'notification.NoticeWritten'
"""
TOLD_OF = [
    "identity.CitizenRegistered",
    *(f"certificates.Application{what}" for what in ("Submitted", "SentBack", "Refused")),
    "certificates.CertificateIssued",
]
CERTIFICATES = """
select count(*) filter (where type = 'certificates.ApplicationApproved') as approved,
       count(*) filter (where type = 'certificates.CertificateIssued') as issued,
       count(distinct data ->> 'application') filter (where type = 'certificates.CertificateIssued') as applications
from events where type = any(array['certificates.ApplicationApproved', 'certificates.CertificateIssued'])
"""


@dataclass
class Verdict:
    lost: int = 0
    doubled: int = 0
    skipped: int = 0  # pairs of event and subscriber
    untold: int = 0  # see `losses`
    caught_up_in: float | None = None  # seconds from the end of the load; None: not in time
    differences: list[str] = field(default_factory=list)  # between departments
    rebuilt: list[str] = field(default_factory=list)  # read models that differ from a rebuild
    troubles: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not (
            self.lost
            or self.doubled
            or self.skipped
            or self.untold
            or self.differences
            or self.rebuilt
            or self.troubles
        )


async def judge(
    departments: Sequence[Reached],
    catalogue: Catalogue,
    addresses: Mapping[str, str],
    record: Record,
    patience: float,
    losses: Losses | None = None,
    *,
    rebuilds: bool = True,
) -> Verdict:
    """Wait until all departments are the same, then look at everything. `losses`: a database came back older.
    `rebuilds`: read models are compared with a build from scratch, which is the dearest look."""
    began = time.monotonic()
    parties = [party(department) for department in departments]
    accounts = await settled(parties, catalogue, patience)
    verdict = Verdict(caught_up_in=time.monotonic() - began)
    verdict.differences = told_by(accounts)
    if verdict.differences:
        verdict.caught_up_in = None
    try:
        verdict.skipped = await skipped(parties, catalogue, has_settled=not verdict.differences)
    except Unreachable as reason:
        verdict.troubles.append(str(reason))
    if losses is not None:
        await _look_for_the_untold(parties, losses, verdict)
    excused = losses.excused if losses else set()
    for one in parties:
        commands = [command for command in record.commands if command.department == one.name]
        lost, doubled = await _outcomes(one, commands, excused)
        verdict.lost += lost
        verdict.doubled += doubled
    verdict.doubled += sum(command.is_ambiguous for command in record.commands)
    await _consequences({one.name: one for one in parties}, verdict)
    if rebuilds:
        verdict.rebuilt = await rebuilt_differently(departments)
    troubles = record.failures[:10] + await _troubles(addresses)
    verdict.troubles += [one for one in troubles if losses is None or not any(word in one for word in TOLD_AS_LOST)]
    return verdict


async def settled(parties: Sequence[Party], catalogue: Catalogue, patience: float) -> list[FeedAccount]:
    """The accounts once every approval has its certificate and all departments are the same, or patience is over."""
    deadline = time.monotonic() + patience
    certificates = next(one for one in parties if one.name == "certificates")
    while time.monotonic() < deadline:
        try:
            row = await _ask(certificates, CERTIFICATES)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            row = None  # it is on its way back
        if row and row["approved"] <= row["issued"]:
            break
        await asyncio.sleep(0.1)
    return await until_clean(parties, catalogue, max(0.0, deadline - time.monotonic()), lambda _: None)


def told_by(accounts: Sequence[FeedAccount]) -> list[str]:
    return [
        f"{account.feed}{at}: {difference}"
        for account in accounts
        for at, told in (
            ("", account.differences),
            *((f" at {taken.subscriber}", taken.differences) for taken in account.subscribers),
        )
        for difference in told
    ]


async def _look_for_the_untold(parties: Sequence[Party], losses: Losses, verdict: Verdict) -> None:
    urls = {one.name: one.database_url for one in parties}
    found = await losses.look(urls)
    for url in urls.values():
        await losses.listen(url)
    verdict.untold = len(losses.untold({id for holdings in found.values() for id in holdings.events}))


async def _outcomes(party: Party, commands: Sequence[Command], excused: Set[UUID]) -> tuple[int, int]:
    """Accepted commands whose events are not there, and commands that came to more than they told."""
    connection = await asyncpg.connect(party.database_url)
    try:
        present = {
            row["id"] for row in await connection.fetch(PRESENT, list({id for one in commands for id in one.accepted}))
        }
        stored: dict[str, dict[UUID, str]] = {}
        for row in await connection.fetch(STORED, [command.request for command in commands]):
            stored.setdefault(row["request"], {})[row["id"]] = row["type"]
    finally:
        await connection.close()
    lost = sum(not command.accepted <= present | excused for command in commands)
    doubled = sum(is_doubled(command, stored.get(command.request, {})) for command in commands)
    return lost, doubled


def is_doubled(command: Command, stored: Mapping[UUID, str]) -> bool:
    """Are there more events of a type than the answer told? Without an answer: more than one of a type?"""
    told = Counter(stored[id] for id in command.accepted if id in stored)
    if not command.told:
        return any(number > 1 for number in Counter(stored.values()).values())
    return any(number > told[type] for type, number in Counter(stored.values()).items() if type in told)


async def _consequences(parties: Mapping[str, Party], verdict: Verdict) -> None:
    """Each approval has one certificate, and whoever is to be told of an event has one notice of it."""
    row = await _ask(parties["certificates"], CERTIFICATES)
    verdict.lost += max(0, row["approved"] - row["applications"])
    verdict.doubled += row["issued"] - row["applications"]
    row = await _ask(parties["notification"], NOTICES, TOLD_OF)
    verdict.lost += max(0, row["to_tell"] - row["causes"])
    verdict.doubled += row["written"] - row["told"]


async def _ask(party: Party, question: str, *arguments: object) -> asyncpg.Record:
    connection = await asyncpg.connect(party.database_url)
    try:
        row = await connection.fetchrow(question, *arguments)
        assert row is not None
        return row
    finally:
        await connection.close()


async def _troubles(addresses: Mapping[str, str]) -> list[str]:
    """What the departments say of themselves once all is over."""
    answers = await ask_all(addresses)
    told = [(one.department, trouble) for one in answers for trouble in ([one.lack] if one.lack else one.troubles)]
    return [f"{department}: {trouble}" for department, trouble in told]


async def rebuilt_differently(departments: Sequence[Reached]) -> list[str]:
    """Rows of read models that a build from scratch would not have made so."""

    async def of(department: Reached) -> list[str]:
        async with department.opening() as registry:
            return [
                f"{department.name} as rebuilt: {difference}"
                for model in department.read_models
                for difference in await differences(department.database_url, model, registry, most=MOST)
            ]

    return [told for of_one in await asyncio.gather(*map(of, departments)) for told in of_one]
