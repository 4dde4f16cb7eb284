"""`tongban rekey`: every private key of a department anew under its current master key, so that an older one can go.

It works on the department's database and its KEY_MASTER_FILE, whether the department runs or not.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from deploy import reach
from deploy.cli.terminal import FOUND, StackPath, answer, failures_told, run, tell
from deploy.reach import Reached

if TYPE_CHECKING:
    from shared.department.rekeying import Rekeyed


def rekey(
    department: Annotated[str, typer.Argument(metavar="DEPARTMENT")],
    stack: StackPath = None,
) -> None:
    """Encrypt its private keys, and its keys of persons, anew under the first master key of its KEY_MASTER_FILE.

    Broken off, the same command goes on. Exit code 1 when a key is under a master key that the file does not hold; such
    a key is named and left as it is. Elsewhere than on this machine <NAME>_KEY_MASTER_FILE and <NAME>_DATABASE_URL, or
    the stack's description, say where they are.
    """
    with failures_told():
        reached = reach.reach(stack, department)
    done = run(_rekey(reached))
    answer(
        f"{department}: {done.wrapped} keys wrapped anew under master key {done.master}, {done.already} were so already"
    )
    for key in done.unopened:
        tell(f"tongban: {key.trouble}")
    for master, count in done.persons_unopened.items():
        tell(f"tongban: {count} keys of persons are under master key {master}, which KEY_MASTER_FILE does not hold")
    if done.unopened or done.persons_unopened:
        raise typer.Exit(FOUND)


async def _rekey(reached: Reached) -> "Rekeyed":
    from shared.department.rekeying import rekey
    from shared.eventstore import master_keys

    masters = master_keys.of_file(reached.place.need_key_master_file())
    async with reached.pool() as pool:
        return await rekey(pool, masters)
