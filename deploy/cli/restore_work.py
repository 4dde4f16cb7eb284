"""Finds the backup to restore from, and restores."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from deploy.backup import store
from deploy.backup.restore import restore
from deploy.backup.servers import embedded
from deploy.cli.backup_work import bar, tell_unreadable
from deploy.cli.terminal import tell
from deploy.known_stack import KnownStack
from deploy.runner.errors import StackError


async def work(stack: KnownStack, names: Sequence[str], source: Path, at: datetime | None) -> None:
    """StackError: nothing was restored."""
    if stack.data_dir is None:
        raise StackError(f"{stack.path} is no data directory of `tongban up`: docs/guides/restoring.md tells the way")
    chosen = list(stack.departments) if list(names) == ["all"] else [stack.one(name).name for name in names]
    backup = store.chosen(source, chosen[0], at)
    tell_unreadable(store.all_backups(source).unreadable)
    if missing := set(chosen) - set(backup.manifest.departments):
        raise StackError(f"{backup.folder} holds no {', '.join(sorted(missing))}")
    tell(f"restoring {', '.join(chosen)} from {backup.folder}")
    with bar("restore") as progress:
        await restore(embedded(stack, stack.data_dir), chosen, backup, at, tell=tell, progress=progress)
