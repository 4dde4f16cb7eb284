"""Which subscribers are given other fields than before, in sentences."""

from collections.abc import Iterator
from pathlib import Path

from deploy.road.file import CATALOGUE
from shared.contracts.catalogue import CONTRACTS
from shared.contracts.errors import Misconfigured
from shared.contracts.member import Member
from shared.contracts.sharing import Catalogue, read_catalogue


def fields_changed(directory: Path, now: Catalogue) -> list[str]:
    """Since the copy that departments follow. Where there is none, or it cannot be read, since all were given all."""
    try:
        before = _limited(read_catalogue(directory / CATALOGUE, CONTRACTS))
    except Misconfigured:
        before = {}
    return list(_sentences(before, _limited(now)))


Limited = dict[tuple[str, Member], frozenset[str]]
"""By feed and subscriber."""


def _limited(catalogue: Catalogue) -> Limited:
    return {(feed, one): names for feed, row in catalogue.rows.items() for one, names in row.fields.items()}


def _sentences(before: Limited, now: Limited) -> Iterator[str]:
    for feed, subscriber in sorted(before.keys() | now.keys(), key=str):
        names = now.get((feed, subscriber))
        if names != before.get((feed, subscriber)):
            given = "all fields" if names is None else ", ".join(sorted(names)) or "no field"
            yield f"{subscriber} is given of {feed}: {given}"
