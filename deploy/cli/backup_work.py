"""Makes, looks at and lists backups, and shows how far it is."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from deploy.backup import make, prove, store
from deploy.backup.keys import Identities, Recipients, identities_of, needed_recipients
from deploy.backup.manifest import Progress
from deploy.backup.prove import Proof
from deploy.backup.servers import servers_of
from deploy.backup.store import Backup
from deploy.cli.bars import bar_of_events
from deploy.cli.terminal import answer, tell
from deploy.known_stack import KnownStack

WIDTH = 240  # of what is written to a file


@dataclass(frozen=True, slots=True)
class Keys:
    """`identities`: None unless what is made is looked at."""

    recipients: Recipients
    identities: Identities | None


def keys(stack: KnownStack, recipients_file: Path | None, identity_file: Path | None, *, is_checked: bool) -> Keys:
    """StackError: one that is needed is not there, or they do not belong together."""
    recipients = needed_recipients(stack.data_dir, recipients_file, tell)
    if not is_checked:
        return Keys(recipients, None)
    identities = identities_of(stack.data_dir, identity_file)
    identities.require_one_of(recipients.names, "what is made now")
    return Keys(recipients, identities)


async def work(stack: KnownStack, names: Sequence[str] | None, to: Path, keep: int, keys: Keys) -> bool:
    """Whether all that was looked at is good. StackError: one could not be made."""
    is_good = True
    for server in servers_of(stack, names):
        with bar("backup") as progress:
            made = await make.make(server, to, keys.recipients, tell=tell, progress=progress)
        answer(str(made.folder))
        if keys.identities is not None:
            with bar("check") as progress:
                proofs = await prove.prove(server, made, keys.identities, tell=tell, progress=progress)
            is_good = _told(proofs) and is_good
        if is_good:
            for gone in made.system.prune(keep):
                tell(f"deleted the backup of {gone.manifest.ended_at:%Y-%m-%d %H:%M}")
        if unreadable := made.system.backups().unreadable:
            tell_unreadable(unreadable)
            tell("tongban: no old backup is deleted while one cannot be read")
            is_good = False
    return is_good


def show(folder: Path) -> bool:
    """On standard output; whether all could be read. StackError: there is no such folder."""
    table = Table("ended at", "departments", "events", "size", "restores until", "folder", box=None)
    found = store.all_backups(folder)
    for one in found.backups:
        table.add_row(*_row(one))
    Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH).print(table)
    tell_unreadable(found.unreadable)
    return not found.unreadable


def tell_unreadable(sentences: Sequence[str]) -> None:
    for sentence in sentences:
        tell(f"tongban: {sentence}")


def _row(one: Backup) -> Iterator[str]:
    departments = one.manifest.departments
    ended = one.manifest.ended_at.astimezone()
    yield f"{ended:%Y-%m-%d %H:%M:%S}"
    yield ", ".join(departments)
    yield f"{sum(figures.ledger_size for figures in departments.values()):,}"
    yield f"{sum(file.stat().st_size for file in one.folder.iterdir()) / 1e6:,.1f} MB"
    yield f"{one.restores_until():%Y-%m-%d %H:%M:%S}"
    yield str(one.folder)


def _told(proofs: Sequence[Proof]) -> bool:
    for one in proofs:
        for finding in one.findings:
            tell(f"tongban: {one.department}: {finding}")
        if not one.findings:
            tell(f"{one.department}: {one.events:,} events and {one.read_models} read models are as they should be")
    return not any(one.findings for one in proofs)


@contextmanager
def bar(name: str) -> Iterator[Progress]:
    """On a terminal."""
    with bar_of_events() as shown:
        task = shown.add_task(name, total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)
