"""Versions of certificate types published beside those that the release ships."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from services.certificates.domain.catalogue_version import CatalogueVersionPublished
from shared.contracts.event import Recorded
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case CatalogueVersionPublished() as published:
            yield (
                "published",
                (
                    published.code,
                    published.version,
                    published.in_force_from,
                    orjson.dumps(published.definition).decode(),
                    published.published_by,
                    published.published_at,
                    event.id,
                ),
            )


CATALOGUE_VERSIONS = ReadModel.beside(__file__, version=1, events=(CatalogueVersionPublished,), project=project)

# Ids of events are never used twice, so equal marks mean equal versions, in whichever database.
MARK = "select coalesce(string_agg(event::text, ' ' order by code, version), '') from catalogue_versions"
ALL = "select event::text, code, version, definition from catalogue_versions order by code, version"
OF_TYPE = """
select version, in_force_from, published_by, published_at from catalogue_versions where code = $1 order by version
"""


async def mark_of_versions(pool: Pool) -> str:
    """Changes whenever a version is published, and never comes back; empty when none is."""
    mark: str = await pool.fetchval(MARK)
    return mark


async def published_definitions(pool: Pool) -> tuple[str, list[dict[str, Any]]]:
    """The mark, and the definitions it stands for, by code and version."""
    rows = await pool.fetch(ALL)
    return " ".join(row["event"] for row in rows), [orjson.loads(row["definition"]) for row in rows]


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    version: int
    in_force_from: date
    published_by: UUID
    published_at: datetime


async def published_versions_of(pool: Pool, code: str) -> list[PublishedVersion]:
    """From the oldest on."""
    return [PublishedVersion(**row) for row in await pool.fetch(OF_TYPE, code)]
