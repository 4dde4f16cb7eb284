"""For a terminal: a table that grows, and beneath it what is going on."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.segment import Segment
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text as Styled

from deploy.demo.expectations import Unmet
from deploy.demo.plain import broken_lines
from deploy.demo.teller import Row, Told
from deploy.demo.wording import Spoken
from shared.standards.text import Text

HEADINGS = (
    Text("谁", "who"),
    Text("发生了什么", "what happened"),
    Text("请求 → 得知", "request → known"),
)
HEAD = 1  # lines of the heading


class GrowingTable:
    """The steps told so far. While the story goes on, only as many of the newest as the terminal has room for."""

    def __init__(self, spoken: Spoken) -> None:
        self._spoken = spoken
        self._rows: list[tuple[str, Styled, Styled, Styled]] = []
        self._number = 0
        self._spinner = Spinner("dots")
        self.is_over = False

    def chapter(self, title: Text) -> None:
        self._rows.append(("", Styled(), Styled(self._spoken.line(title), style="bold"), Styled()))

    def add(self, told: Told) -> None:
        self._number += 1
        what = Styled("\n").join(Styled(line, style=style) for line, style in self._by_language(told.sentence))
        request = Styled("\n").join(
            [Styled(told.request, style="green"), *(Styled(line, style="cyan") for line in told.journeys)]
        )
        self._rows.append(
            (str(self._number), Styled("\n").join(map(Styled, self._spoken.lines(told.who))), what, request)
        )

    def note(self, sentence: str) -> None:
        self._spinner.update(text=Styled(sentence, style="dim"))

    def _by_language(self, text: Text) -> list[tuple[str, str]]:
        return [(line, "dim" if number else "") for number, line in enumerate(self._spoken.lines(text))]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = console.render_lines(self._table(), options, pad=False)
        room = options.size.height - 2
        if not self.is_over and len(lines) > room:
            lines = lines[:HEAD] + lines[HEAD - room :]
        for line in lines:
            yield from line
            yield Segment.line()
        if not self.is_over:
            yield self._spinner

    def _table(self) -> Table:
        table = Table(box=None, expand=True, pad_edge=False, header_style="bold underline")
        table.add_column("", justify="right", width=2)
        who, what, request = (self._spoken.line(heading) for heading in HEADINGS)
        table.add_column(who, width=10, overflow="fold")
        table.add_column(what, ratio=5, overflow="fold")  # Chinese has no spaces to break at
        table.add_column(request, ratio=4, overflow="fold")
        for row in list(self._rows):
            table.add_row(*row)
        return table


class LiveTeller:
    """Shows the table while the story is told, and leaves it on the screen when it ends."""

    def __init__(self, spoken: Spoken, console: Console) -> None:
        self._spoken = spoken
        self._console = console
        self._table = GrowingTable(spoken)
        self._live = Live(self._table, console=console, refresh_per_second=5)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._end()

    def chapter(self, title: Text) -> None:
        self._table.chapter(title)

    def told(self, told: Told) -> None:
        self._table.add(told)

    def note(self, sentence: str) -> None:
        if self._live.is_started:
            self._table.note(sentence)
        else:
            self._console.print(Styled(sentence, style="dim"))

    def broken(self, unmet: Unmet, log_tail: str) -> None:
        self._end()
        for line in broken_lines(self._spoken, unmet):
            self._console.print(Styled(line, style="bold red"))
        self._console.print(Styled(f"{unmet.department}.log:"), Styled(log_tail, style="dim"), sep="\n", soft_wrap=True)

    def summary(self, title: Text, rows: Sequence[Row]) -> None:
        self._end()
        table = Table(box=None, show_header=False, expand=True, title=self._spoken.line(title), title_justify="left")
        table.add_column(ratio=2, overflow="fold")
        table.add_column(ratio=5, overflow="fold")
        for row in rows:
            label, value = self._spoken.line(row.label), "\n".join(self._spoken.lines(row.value))
            table.add_row(Styled(label, style="bold"), Styled(value))
        self._console.print(table)

    def _end(self) -> None:
        if self._live.is_started:
            self._table.is_over = True
            self._live.stop()
