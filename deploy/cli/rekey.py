"""`tongban rekey`: every private key of a department anew under its current master key, so that an older one can go.

It works on the department's database and its KEY_MASTER_FILE, whether the department runs or not.
"""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.terminal import DEFAULT_DATA_DIR, DataDir, answer, failures_told, tell
from deploy.reach import Reached, reach
from deploy.runner.errors import StackError
from deploy.secrets import StackSecrets
from shared.department import master_keys
from shared.department.rekeying import Rekeyed
from shared.department.rekeying import rekey as wrap_anew


def rekey(
    department: Annotated[str, typer.Argument(metavar="DEPARTMENT")],
    data: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Encrypt its private keys anew under the first master key of its KEY_MASTER_FILE.

    Broken off, the same command goes on. Exit code 1 when a key is under a master key that the file does not hold; such
    a key is named and left as it is. Elsewhere than on this machine <NAME>_KEY_MASTER_FILE and <NAME>_DATABASE_URL say
    where they are.
    """
    with failures_told():
        done = asyncio.run(_rekey(reach(data, department), _master_file(data, department)))
    answer(
        f"{department}: {done.wrapped} keys wrapped anew under master key {done.master}, {done.already} were so already"
    )
    for key in done.unopened:
        tell(f"tongban: {key.trouble}")
    if done.unopened:
        raise typer.Exit(1)


async def _rekey(reached: Reached, file: Path) -> Rekeyed:
    if "key_master_file" not in reached.service.settings.model_fields:
        raise StackError(f"{reached.name} has no master key")
    async with reached.pool() as pool:
        return await wrap_anew(pool, master_keys.of_file(file))


def _master_file(data: Path, department: str) -> Path:
    told = os.environ.get(f"{department.upper()}_KEY_MASTER_FILE")
    return Path(told) if told else StackSecrets(data).key_master_file
