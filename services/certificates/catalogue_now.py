"""The catalogue as it stands at this moment: what the release ships, and what was published since.

Every request asks for the mark of the published versions, one short statement; only a mark not seen before is read and
parsed. So every process goes by a new version from its commit on, and none is told of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from services.certificates.catalogue import Catalogue, with_bodies
from services.certificates.catalogue_files import catalogue
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.read_models.catalogue_versions import mark_of_versions, published_definitions
from shared.contracts.errors import Misconfigured
from shared.eventstore.database import Pool

MOST_REMEMBERED = 8  # marks; one process needs one at a time, a test's several databases more

_published: dict[str, Mapping[str, Sequence[CertificateType]]] = {"": {}}


async def current_catalogue(pool: Pool) -> Catalogue:
    return await with_published(catalogue(), pool)


async def with_published(shipped: Catalogue, pool: Pool) -> Catalogue:
    """A published version takes the place of a shipped one of its number: applications rest on it."""
    mark = await mark_of_versions(pool)
    if not mark:
        return shipped
    if mark not in _published:
        mark, definitions = await published_definitions(pool)
        while len(_published) >= MOST_REMEMBERED:
            del _published[next(iter(_published))]
        _published[mark] = _by_code(definitions)
    published = {
        code: [with_bodies(type, shipped.bodies) for type in types] for code, types in _published[mark].items()
    }
    return replace(shipped, types=_together(shipped.types, published))


def _by_code(definitions: Iterable[Mapping[str, Any]]) -> dict[str, list[CertificateType]]:
    types: dict[str, list[CertificateType]] = {}
    for definition in definitions:
        try:
            type = CertificateType.model_validate(definition)
        except ValidationError as error:
            at = f"{definition['code']} version {definition['version']}"
            raise Misconfigured(f"this release cannot read {at}, which was published: {error}") from None
        types.setdefault(type.code, []).append(type)
    return types


def _together(
    shipped: Mapping[str, Sequence[CertificateType]], published: Mapping[str, Sequence[CertificateType]]
) -> dict[str, Sequence[CertificateType]]:
    types = dict(shipped)
    for code, added in published.items():
        by_version = {type.version: type for type in (*shipped.get(code, ()), *added)}
        types[code] = [by_version[version] for version in sorted(by_version)]
    return types
