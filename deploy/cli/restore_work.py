"""Finds the backup to restore from, and restores."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from deploy.backup import store
from deploy.backup.keys import Identities, Recipients, identities_of, known_recipients
from deploy.backup.restore import restore
from deploy.backup.servers import embedded
from deploy.cli.backup_work import bar, tell_unreadable
from deploy.cli.terminal import tell
from deploy.known_stack import KnownStack
from deploy.runner.errors import StackError


def keys(
    stack: KnownStack, identity_file: Path | None, recipients_file: Path | None
) -> tuple[Path, Identities, Recipients | None]:
    """Where the stack is, what opens a backup, and for whom its archive is encrypted. StackError: see there."""
    if stack.data_dir is None:
        raise StackError(f"{stack.path} is no data directory of `tongban up`: docs/guides/restoring.md tells the way")
    recipients = known_recipients(stack.data_dir, recipients_file)
    return stack.data_dir, identities_of(stack.data_dir, identity_file), recipients


async def work(
    stack: KnownStack,
    names: Sequence[str],
    source: Path,
    at: datetime | None,
    data_dir: Path,
    identities: Identities,
    recipients: Recipients | None,
) -> None:
    """StackError: nothing was restored."""
    chosen = list(stack.departments) if list(names) == ["all"] else [stack.one(name).name for name in names]
    backup = store.chosen(source, chosen[0], at)
    tell_unreadable(store.all_backups(source).unreadable)
    if missing := set(chosen) - set(backup.manifest.departments):
        raise StackError(f"{backup.folder} holds no {', '.join(sorted(missing))}")
    tell(f"restoring {', '.join(chosen)} from {backup.folder}")
    server = embedded(stack, data_dir)
    with bar("restore") as progress:
        await restore(server, chosen, backup, identities, at, tell=tell, progress=progress, recipients=recipients)
