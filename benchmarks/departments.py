"""Two departments to measure with: `office` takes applications, `archive` is told of them."""

import asyncio
from datetime import datetime
from pathlib import Path
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from pydantic import BaseModel, ConfigDict
from uuid_utils.compat import uuid7

from benchmarks.applications import AN_APPLICATION, APPLICATION, APPLICATIONS, ApplicationSubmitted, Submit
from deploy.embedded.department_database import DepartmentDatabase
from deploy.secrets import new_master_key
from shared.contracts.feed import Contract, Feed
from shared.contracts.identity import IDENTITY
from shared.contracts.member import DEFAULT_JURISDICTION, Member, MemberFeed
from shared.department.engine import Engine
from shared.department.powers import CitizenPower, Row
from shared.department.responses import stored
from shared.department.service import Service
from shared.department.settings import Settings
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Store
from shared.standards.text import Text


class Form(BaseModel):
    """What is sent over HTTP."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    item: str
    applicant: str
    division: str
    address: str
    purpose: str
    channel: str
    submitted_at: datetime


class Stored(BaseModel):
    application: UUID


@post("/applications")
async def submit(
    data: JSONBody[Form], store: NamedDependency[Store], context: NamedDependency[Context]
) -> Response[Stored]:
    id = context.id_for("application")
    done = await store.execute(APPLICATION.stream(id), APPLICATION, Submit(**data.model_dump()), context)
    return stored(done, Stored(application=id))


APPLIED = Feed("office", "applications", Text("申请", "applications"), (ApplicationSubmitted,))
FEED = MemberFeed(Member(DEFAULT_JURISDICTION, "office"), APPLIED)
OFFICE = Contract("office", Text("受理", "office"), (APPLIED,))
ARCHIVE = Contract("archive", Text("档案", "archive"), ())
CONTRACTS = (OFFICE, ARCHIVE, IDENTITY)

ASKING = Row(
    act=Text("申请", "apply"),
    routes=("POST /applications",),
    purpose=Text("申请", "applying"),
    citizen=CitizenPower(level="verified"),
)
OFFICE_SERVICE = Service(
    OFFICE, read_models=(APPLICATIONS,), routes=(submit,), powers=dict.fromkeys(ASKING.routes, ASKING)
)
ARCHIVE_SERVICE = Service(ARCHIVE, read_models=(APPLICATIONS,))

NOWHERE = "nats://127.0.0.1:9"  # the discard port: nobody listens


def settings(database: DepartmentDatabase, directory: Path, nats_url: str = NOWHERE) -> Settings:
    """What a department's process is told; no broker unless one is named."""
    sharing = directory / "sharing.yaml"
    sharing.write_text(
        "members: [office, archive]\nfeeds:\n"
        + "".join(
            f"  {feed.full_name}: {{attribute: unconditional, basis: measured, subscribers: [archive]}}\n"
            for contract in CONTRACTS
            for feed in contract.feeds
        )
    )
    master = directory / "key-master.txt"
    if not master.exists():
        master.write_bytes(new_master_key())
    return Settings(
        key_master_file=master,
        database_url=database.app_url,
        database_owner_url=database.owner_url,
        nats_url=nats_url,
        http_port=1,  # a worker listens on a free one
        citizen_commands_a_day=10**9,  # one citizen's token sends them all
        citizen_kilobytes_a_day=10**9,
        sharing_file=sharing,
    )


def engine(service: Service, given: Settings, *, is_sealed: bool = True) -> Engine:
    """A department's engine, not started."""
    return Engine(
        service,
        database_url=given.database_url,
        database_owner_url=given.database_owner_url,
        nats_url=given.nats_url,
        sharing_file=given.sharing_file,
        contracts=CONTRACTS,
        key_masters=given.key_masters if is_sealed else None,
    )


async def submit_one(office: Engine, command: Submit = AN_APPLICATION) -> None:
    """One command, of an application nobody has seen."""
    await office.store.execute(APPLICATION.stream(uuid7()), APPLICATION, command, Context())


async def all_numbered(office: Engine) -> None:
    """What the sequencer still has to do is no load for the next."""
    async with asyncio.timeout(60):
        while await office.pool.fetchval("select exists (select from outbox)"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
