"""`python -m tests.dumps RELEASE`: a dump of every department after two stories, as a test upgrades it for ever after.

Run it once, when a release is made. Roles are written as {owner} and {app}, so a dump goes into any database.
"""

import asyncio
import gzip
import io
import sys
import tempfile
from pathlib import Path

from deploy.backup import programs
from deploy.demo.plain import PlainTeller
from deploy.demo.stage import sample_data, staged, who_is_up
from deploy.demo.stories import birth, village_certificate
from deploy.demo.stories.birth_cast import BirthCast
from deploy.demo.stories.village_cast import Cast
from deploy.demo.wording import Spoken
from deploy.departments import NAMES
from deploy.runner.stack import Stack
from tests.dumps.dump import FOLDER, portable

# sealed with keys that the test has not, large, or of people who only asked for a code
WITHOUT = ("files", "sealed_keys", "messages", "codes", "counts", "used_assertions")


async def main(release: str) -> None:
    to = FOLDER / release
    to.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tongban-dump-") as directory:
        home = Path(directory)
        async with Stack(home / "stack") as stack:
            await stack.ready(timeout=600)
            async with staged(stack, PlainTeller(Spoken.both, io.StringIO())) as scene:
                await who_is_up(scene, stack)
                await sample_data(scene, stack)
                await village_certificate.play(scene, Cast.of(stack.secrets), home)
                await birth.play(scene, BirthCast.of(stack.secrets), stack.halt, stack.resume)
            for name in NAMES:
                await stack.halt(name)
            for name in NAMES:
                await _dump(stack, name, home / f"{name}.sql")
                text = portable((home / f"{name}.sql").read_text("utf-8"), name)
                packed = gzip.compress(text.encode(), 9, mtime=0)
                (to / f"{name}.sql.gz").write_bytes(packed)
                sys.stdout.write(f"{name}: {len(packed):,} bytes\n")


async def _dump(stack: Stack, name: str, to: Path) -> None:
    url = (await stack.postgres.create_department(name)).admin_url
    await programs.run(
        "pg_dump", "--dbname", url, "--file", to, "--inserts", "--rows-per-insert=200", "--no-comments",
        *(f"--exclude-table-data=public.{table}" for table in WITHOUT), password="",
    )  # fmt: skip


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
