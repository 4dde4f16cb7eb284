"""The stories, played on a stack of their own."""

import io
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from rich.console import Console

from deploy.demo import memory, summary
from deploy.demo.expectations import Unmet
from deploy.demo.live import LiveTeller
from deploy.demo.plain import PlainTeller
from deploy.demo.stage import sample_data, staged, who_is_up
from deploy.demo.stories import away_from_home, birth, village_certificate
from deploy.demo.stories.away_cast import AwayCast
from deploy.demo.stories.birth_cast import BirthCast
from deploy.demo.stories.village_cast import Cast
from deploy.demo.teller import Teller
from deploy.demo.wording import Spoken
from deploy.runner.errors import StackError
from deploy.runner.stack import Stack
from shared.standards.shanghai import SHANGHAI
from shared.standards.text import Text

KILLS = {**village_certificate.KILLS, **birth.KILLS, **away_from_home.KILLS}
LOG_LINES = 20
LOOKING_ON = ('"/received/', '"/published/', '"/health/')


def teller_for(spoken: Spoken) -> Teller:
    """A table that grows for a terminal, plain lines for everything else."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that cannot show Chinese still gets the rest
    console = Console(highlight=False)
    if console.is_terminal and not console.is_dumb_terminal:
        return LiveTeller(spoken, console)
    return PlainTeller(spoken, sys.stdout)


def a_new_folder() -> Path:
    """For its owner only."""
    return Path(tempfile.mkdtemp(prefix=f"tongban-demo-{datetime.now(SHANGHAI):%Y%m%d-%H%M%S}-"))


class Performance:
    """One showing. `held` once everything was as it should be."""

    def __init__(self, kill: str | None, teller: Teller, papers: Path | None) -> None:
        self.held = False
        self._interruptions = [KILLS[kill]] if kill else []
        self._teller = teller
        self._papers = papers

    async def give(self, data_dir: Path | None) -> None:
        """In `data_dir`, which stays, or in a directory that goes. StackError: a stack is there already."""
        if data_dir is None:
            with tempfile.TemporaryDirectory(prefix="tongban-demo-") as made:
                await self._give(Path(made))
            return
        if (data_dir / "stack.json").exists():
            raise StackError(
                f"{data_dir} holds a stack already, and the stories need a new one: name another directory"
            )
        await self._give(data_dir)

    async def _give(self, data_dir: Path) -> None:
        began = time.perf_counter()
        with self._teller as teller:
            teller.chapter(Text("启动", "Start"))
            async with Stack(data_dir, tell=teller.note) as stack:
                await stack.ready()
                try:
                    await self._play(stack, time.perf_counter() - began)
                except Unmet as unmet:
                    teller.broken(unmet, log_tail(data_dir, unmet.department))
                else:
                    self.held = True

    async def _play(self, stack: Stack, start: float) -> None:
        began = time.perf_counter()
        async with staged(stack, self._teller, self._interruptions) as scene:
            await who_is_up(scene, stack)
            await sample_data(scene, stack)
            outcome = await village_certificate.play(scene, Cast.of(stack.secrets), self._papers or a_new_folder())
            born = await birth.play(scene, BirthCast.of(stack.secrets), stack.halt, stack.resume)
            away = await away_from_home.play(scene, AwayCast.of(stack.secrets), stack.halt, stack.resume)
        timing = summary.Timing(start, time.perf_counter() - began)
        rows = summary.rows(scene, outcome, timing, memory.resident(stack.pids))
        self._teller.summary(summary.TITLE, [*birth.rows(born), *away_from_home.rows(away), *rows])


def log_tail(data_dir: Path, department: str) -> str:
    """The last lines of a department's log, without those of our own looking on."""
    log = data_dir / department / f"{department}.log"
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join([line for line in lines if not any(route in line for route in LOOKING_ON)][-LOG_LINES:])
