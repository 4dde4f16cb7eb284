"""Proves a backup: restores it into a server that is thrown away, and looks at it as `tongban verify` and
`tongban rebuild --check` look at one that serves."""

import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

import asyncpg

from deploy.backup.keys import Identities
from deploy.backup.make import read_figures
from deploy.backup.manifest import Figures, Progress
from deploy.backup.recover import Tell, copy_passwords, nothing, recovered
from deploy.backup.servers import ADMINISTRATOR, Server
from deploy.backup.store import Backup
from deploy.embedded.department_database import with_login
from deploy.embedded.errors import ServerFailed
from deploy.embedded.ports import free_port
from deploy.embedded.postgres import Postgres
from deploy.known_stack import Whereabouts
from deploy.reach import Reached
from deploy.runner.errors import StackError
from deploy.verify.verdict import verify
from shared.contracts.errors import TongbanError
from shared.eventstore.database import connect_pool
from shared.eventstore.differences import differences
from shared.eventstore.ledger import Ledger
from shared.eventstore.pace import POLITE

SHOWN = 5  # differences a read model


@dataclass(frozen=True, slots=True)
class Proof:
    """Of one department. No findings: what was restored is what was backed up."""

    department: str
    events: int
    read_models: int
    findings: tuple[str, ...]


async def prove(
    server: Server, backup: Backup, identities: Identities, *, tell: Tell, progress: Progress = nothing
) -> list[Proof]:
    """Of each department that the backup holds and the stack knows. StackError: it cannot be restored at all.

    What is restored stands in plain: beside the server's own data, else where temporary files go; never in the archive.
    """
    beside = server.home.parent if server.home is not None else None
    with tempfile.TemporaryDirectory(prefix=".check-", dir=beside) as directory:
        home = Path(directory) / "postgres"
        _bring_passwords(server, home)
        try:
            restored = await recovered(backup, home, free_port(), identities, at=None, tell=tell, progress=progress)
            try:
                known = {one.name: one for one in server.departments}
                found = []
                for name, figures in backup.manifest.departments.items():
                    if name in known:
                        found.append(await _proof_of(restored, known[name], figures, tell, progress))
                return found
            finally:
                await restored.stop()
        except (ServerFailed, OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TongbanError) as error:
            raise StackError(f"the backup cannot be looked at ({type(error).__name__}): {error}") from None
        finally:
            shutil.rmtree(home, ignore_errors=True)


def _bring_passwords(server: Server, home: Path) -> None:
    if server.home is not None:
        copy_passwords(server.home, home)
        return
    if f"//{ADMINISTRATOR}@" not in server.url_without_password:
        raise StackError(f"a backup is checked with the login {ADMINISTRATOR}: name it for the backup of this server")
    copy_passwords(Path(home.parent / "none"), home, **{ADMINISTRATOR: server.password})


async def _proof_of(restored: Postgres, place: Whereabouts, figures: Figures, tell: Tell, progress: Progress) -> Proof:
    findings = []
    async with await connect_pool(restored.url(place.name), name="tongban backup", max_size=2) as pool:
        now = await read_figures(pool)
        findings += await _less(Ledger(pool), figures, now)
        tell(f"looking at {place.name}: its ledger and {now.ledger_size:,} events")
        async with pool.acquire() as connection:
            verdict = await verify(place.name, connection, [], progress)
    if verdict.altered:
        findings.append(f"first altered event: {verdict.altered}")
    findings += verdict.other_findings
    reached = Reached(replace(place, database=_moved(place, restored)))
    async with reached.opening() as registry:
        for model in reached.read_models:
            tell(f"looking at {place.name}: {model.name}")
            found = await differences(
                reached.database_url,
                model,
                registry,
                most=SHOWN,
                pace=POLITE,
                fresh=True,
                told=lambda done: progress(done.done, done.total),
            )
            findings += [str(one) for one in found]
    return Proof(place.name, verdict.events, len(reached.read_models), tuple(findings))


async def _less(ledger: Ledger, before: Figures, now: Figures) -> list[str]:
    if now.ledger_size < before.ledger_size:
        return [f"its ledger holds {now.ledger_size} events; the manifest tells {before.ledger_size}"]
    root = await ledger.root(before.ledger_size)
    found = [] if root.hex() == before.ledger_root else ["its ledger's root is not the one of the manifest"]
    less = [feed for feed, head in before.feeds.items() if now.feeds.get(feed, 0) < head]
    return found + [f"its feed {feed} ends before {before.feeds[feed]}" for feed in less]


def _moved(place: Whereabouts, restored: Postgres) -> str:
    """The application's login at the restored server: read models are made anew under its role."""
    parts = urlsplit(place.need_database())
    return with_login(
        f"postgresql://127.0.0.1:{restored.port}", place.name, parts.username or "", unquote(parts.password or "")
    )
