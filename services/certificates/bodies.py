"""The bodies that may have a seal: those of the catalogue, and others that a keeper vouches for with their code."""

from collections.abc import Collection, Iterable

from services.certificates.domain import seal_refusals as refusals
from services.certificates.domain.issuer import Issuer
from services.certificates.domain.review_chain import REVIEWERS
from services.certificates.domain.seal_commands import Owner
from shared.contracts.identity import Role
from shared.standards.credit_code import CreditCode
from shared.standards.division_names import full_name, village_committee_name
from shared.standards.divisions import get


class Bodies:
    def __init__(self, issuers: Iterable[Issuer]) -> None:
        self._by_code = {issuer.credit_code: issuer for issuer in issuers}
        self._by_division: dict[str, list[Issuer]] = {}
        for issuer in self._by_code.values():
            self._by_division.setdefault(issuer.division, []).append(issuer)

    def owner(self, division: str, code: CreditCode | None, name: str | None) -> Owner:
        """Who would own the seal. What is left out is taken from the catalogue, or follows from the division.

        Raises NotValid for an unknown division, Invalid for a code or a name that is not this body's.
        """
        division = get(division).code
        body = self._body(division, code)
        if body is not None:
            return _named(body.division, body.credit_code, name, body.name)
        if code is None:
            raise refusals.credit_code_needed()
        if get(division).level == "village":
            return _named(division, code, name, village_committee_name(division))
        if name is None:
            raise refusals.name_needed()
        return _named(division, code, name, name)

    def serving(self, division: str, roles: Collection[Role]) -> str:
        """What the body is called that an officer of these roles serves; the place where the catalogue has none."""
        for body in self._by_division.get(division, []):
            if REVIEWERS[body.issuer_class] in roles:
                return body.name
        return full_name(division)

    def _body(self, division: str, code: CreditCode | None) -> Issuer | None:
        """None: the catalogue does not say."""
        if code is None:
            bodies = self._by_division.get(division, [])
            return bodies[0] if len(bodies) == 1 else None
        body = self._by_code.get(code)
        if body is not None and body.division != division:
            raise refusals.code_of_another_body()
        return body


def _named(division: str, code: CreditCode, name: str | None, expected: str) -> Owner:
    if name is not None and name != expected:
        raise refusals.wrong_name(expected)
    return Owner("seal", expected, code, division)
