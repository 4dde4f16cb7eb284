"""Publishing a version of a certificate type: checked as a file is at start, with all that is wrong told by field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from services.certificates.catalogue import Catalogue, refuse_what_is_not_theirs
from services.certificates.document import places
from services.certificates.domain import definition_problem
from services.certificates.domain.catalogue_version import CATALOGUE_VERSION, Latest, PublishVersion, State
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.definition_problem import Problem
from shared.contracts.errors import Invalid
from shared.department.field_errors import path_of, text_of
from shared.department.powers import Power
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Done, Store
from shared.standards.text import Text


@dataclass(frozen=True, slots=True)
class Publishing:
    store: Store
    shipped: Catalogue

    async def publish(
        self, power: Power, code: str, definition: Mapping[str, Any], now: datetime, context: Context
    ) -> tuple[Done[State], CertificateType]:
        """Raises NotAllowed, Invalid and Refused."""
        definition = {**definition, "code": code}
        type = read(definition, self.shipped)
        for issuer in self.shipped.bodies:
            if issuer.issuer_class == type.issuer:
                power.serve(issuer.division)  # whom a type binds lies within the editor's division
        refuse_what_is_not_theirs(type, self.shipped.concepts)
        before = self.shipped.types.get(code)
        latest = Latest(before[-1].version, before[-1].in_force_from, before[-1].issuer) if before else None
        command = PublishVersion(type, definition, latest, power.caller.id, now)
        stream = CATALOGUE_VERSION.stream(code)
        return await self.store.execute(stream, CATALOGUE_VERSION, command, context), type


def read(definition: Mapping[str, Any], catalogue: Catalogue) -> CertificateType:
    """Raises Invalid naming every place that is wrong."""
    try:
        type = CertificateType.model_validate(definition)
    except ValidationError as error:
        raise _wrong([problem for one in error.errors() for problem in _problems(one)]) from None
    if type.concept and type.concept not in catalogue.concepts:
        said = Text("没有这一证明内容，请从目录中选择。", "There is no such concept; please choose one of the list.")
        raise _wrong([Problem("concept", said)])
    if crowded := list(places.problems(type)):
        raise _wrong(crowded)
    return type


def _problems(error: Mapping[str, Any]) -> list[Problem]:
    if error["type"] == definition_problem.KIND:
        return list(error["ctx"]["problems"])
    return [Problem(path_of(error["loc"]), text_of(error))]


def _wrong(problems: list[Problem]) -> Invalid:
    return Invalid(
        "definition_incorrect",
        "事项定义有误，请更正标出的各项后重新发布。",
        "The definition is not right yet; please correct the marked places and publish it again.",
        fields=dict(problems),
    )
