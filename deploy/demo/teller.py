"""Whoever tells the story to the person at the terminal."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from deploy.demo.exchange import Exchange
from deploy.demo.expectations import Unmet
from deploy.demo.journeys import Hop, Published
from deploy.demo.wording import milliseconds
from shared.standards.text import Text


@dataclass(frozen=True, slots=True)
class Told:
    """One step: who did what, by which request, and who knew of it."""

    who: Text
    sentence: Text
    exchange: Exchange | None = None
    hops: tuple[Hop, ...] = ()

    @property
    def request(self) -> str:
        """'POST identity /citizens 201 86 ms'"""
        if self.exchange is None:
            return ""
        of = self.exchange
        tries = f" ({of.tries} tries)" if of.tries > 1 else ""
        return f"{of.method} {of.department} {of.route} {of.status} {milliseconds(of.milliseconds)}{tries}"

    @property
    def journeys(self) -> list[str]:
        """'identity.accounts #1 → certificates 9.1 ms, notification 11 ms', one an event."""
        knowers: dict[Published, list[str]] = {}
        for hop in self.hops:
            knowers.setdefault(hop.event, []).append(f"{hop.knower} {milliseconds(hop.milliseconds)}")
        return [f"{event.feed} #{event.sequence} → {', '.join(names)}" for event, names in knowers.items()]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the summary."""

    label: Text
    value: Text


class Teller(AbstractContextManager["Teller"], Protocol):
    """Enter it before the first word."""

    def chapter(self, title: Text) -> None:
        """What the following steps are about."""

    def told(self, told: Told) -> None:
        """A step that is done."""

    def note(self, sentence: str) -> None:
        """What goes on behind the stage: the runner's progress."""

    def broken(self, unmet: Unmet, log_tail: str) -> None:
        """The story ends here, against what was expected."""

    def summary(self, title: Text, rows: Sequence[Row]) -> None:
        """The end of a story that held."""
