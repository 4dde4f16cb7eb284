"""Versions of certificate types published while the department runs. Private. Stream `catalogue-<code>`.

The event holds the whole definition, so that whoever reads it later needs no file of the time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.dates import day_in_china
from services.certificates.domain.issuer import IssuerClass
from shared.contracts.errors import Invalid, Refused
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate
from shared.standards.text import Text


class CatalogueVersionPublished(Event):
    """From `in_force_from` on, who applies does so under this version."""

    code: str
    version: int
    in_force_from: date
    definition: dict[str, Any]  # as a catalogue file has it
    published_by: UUID
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Latest:
    """The latest version of a type."""

    version: int
    in_force_from: date
    issuer: IssuerClass | None  # None: not said


@dataclass(frozen=True, slots=True)
class PublishVersion:
    type: CertificateType
    definition: Mapping[str, Any]  # what `type` was read from
    shipped: Latest | None  # with this release
    published_by: UUID
    now: datetime


State = Latest | None
"""The latest that was published."""


def decide(published: State, command: PublishVersion) -> Sequence[Event]:
    new = command.type
    for latest in (command.shipped, published):
        if latest and new.issuer != (latest.issuer or new.issuer):
            raise Refused(
                "issuer_stays",
                "同一类型的签发机关类别不能变更，请以新的类型代码发布。",
                "The class of bodies that issue a type stays; please publish it as a type of its own.",
                issuer=latest.issuer,
            )
        if latest and new.version <= latest.version:
            raise Refused(
                "version_taken",
                f"该类型已有第{latest.version}版，请在其基础上修改后以更高的版本号发布。",
                f"There is a version {latest.version} already; please begin with it and publish a higher number.",
                version=latest.version,
            )
        if latest and new.in_force_from <= latest.in_force_from:
            raise _too_early(f"应晚于现行版本的生效日{latest.in_force_from}。", f"later than {latest.in_force_from}")
    if new.in_force_from < day_in_china(command.now):
        raise _too_early("不能早于今天。", "today or later")
    return [
        CatalogueVersionPublished(
            code=new.code,
            version=new.version,
            in_force_from=new.in_force_from,
            definition=dict(command.definition),
            published_by=command.published_by,
            published_at=command.now,
        )
    ]


def evolve(published: State, event: Event) -> State:
    match event:
        case CatalogueVersionPublished(version=version, in_force_from=in_force_from, definition=definition):
            return Latest(version, in_force_from, definition.get("issuer"))
        case _:
            return published


def _too_early(zh: str, en: str) -> Invalid:
    text = Text(f"生效日{zh}", f"It must come into force {en}.")
    return Invalid("in_force_too_early", *text, fields={"in_force_from": text})


CATALOGUE_VERSION: Aggregate[State, PublishVersion] = Aggregate("catalogue", None, decide, evolve)
