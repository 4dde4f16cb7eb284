"""Publishing a version of a certificate type: checked as a file is at start, with all that is wrong told by field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from services.certificates.catalogue import Catalogue, forbidden
from services.certificates.domain import definition_problem
from services.certificates.domain.catalogue_version import CATALOGUE_VERSION, Latest, PublishVersion, State
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.definition_problem import Problem
from shared.contracts.errors import Invalid
from shared.contracts.identity import Role
from shared.department.caller import Caller
from shared.department.field_errors import path_of, text_of
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Done, Store


@dataclass(frozen=True, slots=True)
class Publishing:
    store: Store
    shipped: Catalogue

    async def publish(
        self, caller: Caller, code: str, definition: Mapping[str, Any], now: datetime, context: Context
    ) -> tuple[Done[State], CertificateType]:
        """Raises NotAllowed, Invalid and Refused."""
        caller.hold(Role.catalogue_editor)
        definition = {**definition, "code": code}
        type = read(definition, self.shipped)
        for issuer in self.shipped.issuers.values():
            if issuer.issuer_class == type.issuer:
                caller.serve(Role.catalogue_editor, issuer.division)  # whom a type binds lies within his division
        before = self.shipped.types.get(code)
        latest = Latest(before[-1].version, before[-1].in_force_from) if before else None
        command = PublishVersion(type, definition, latest, caller.id, now)
        stream = CATALOGUE_VERSION.stream(code)
        return await self.store.execute(stream, CATALOGUE_VERSION, command, context), type


def read(definition: Mapping[str, Any], catalogue: Catalogue) -> CertificateType:
    """Raises Invalid naming every place that is wrong."""
    try:
        type = CertificateType.model_validate(definition)
    except ValidationError as error:
        raise _wrong([problem for one in error.errors() for problem in _problems(one)]) from None
    if rules := list(forbidden(type, catalogue.abolished)):
        raise _wrong(rules)
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
