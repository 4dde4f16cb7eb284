"""Runs the archives of a stack's servers."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from deploy.backup.archive import WalArchive
from deploy.backup.keys import Recipients, needed_recipients
from deploy.backup.servers import servers_of
from deploy.cli.terminal import answer, tell
from deploy.known_stack import KnownStack
from deploy.runner.kept import Kept


def recipients(stack: KnownStack, file: Path | None) -> Recipients:
    """StackError: there are none."""
    return needed_recipients(stack.data_dir, file, tell)


async def work(stack: KnownStack, names: Sequence[str] | None, to: Path, recipients: Recipients) -> None:
    """Until it is cancelled. ServerFailed, StackError: one cannot be kept at all."""
    async with AsyncExitStack() as exit:
        group = await exit.enter_async_context(asyncio.TaskGroup())
        for server in servers_of(stack, names):
            held = ", ".join(one.name for one in server.departments)
            archive = WalArchive(server, to, recipients)
            kept = Kept(f"archive of {held}", archive, tell)
            exit.push_async_callback(kept.stop)
            await kept.start(group)
            for gap in archive.gaps:
                tell(f"tongban: {gap}")
            answer(f"archiving {held}")
        await asyncio.Event().wait()
