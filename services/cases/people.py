"""Whom a case is about: looked up, not asked; who they are now, and what is known of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final
from uuid import UUID

from services.cases.domain import refusals
from services.cases.domain.definition import Definition
from services.cases.domain.facts import Gone
from services.cases.domain.opening import Persons
from services.cases.domain.way import Way
from services.cases.read_models.people import (
    Person,
    find_by_number,
    find_person,
    late_marriage_of,
    marriage_of,
    people_of,
)
from shared.contracts.cases import CaseOpened
from shared.eventstore.database import Pool
from shared.forms.fields import Known
from shared.standards.day import read_day
from shared.standards.division_names import full_name
from shared.standards.divisions import find as find_division
from shared.standards.errors import NotValid
from shared.standards.id_number import IdNumber
from shared.standards.person_name import is_same_name

BEFORE_THEY_AGREE: Final = ("name", "id_number")
"""What is told of somebody whom the applicant named, until they agree: what the applicant wrote."""


@dataclass(frozen=True, slots=True)
class Found:
    """Those a case is about as they are now."""

    known: Known
    gone: Mapping[str, Gone]
    as_told: Mapping[str, int] = field(default_factory=dict)


async def persons(
    pool: Pool,
    definition: Definition,
    applicant: UUID,
    given: Mapping[str, str] | None,
    *,
    code: str | None = None,
    present: Collection[UUID] = (),
) -> Persons:
    """`given`: the form as far as it is written; None: it is only handed out, and says what can be known so far, in the
    way of this code if one is chosen. `present`: others who agree at once, at the counter.

    Raises Refused, NotFound and Invalid: nobody registered, no marriage, not the one who may apply, nobody found.
    """
    oneself = await find_person(pool, applicant)
    if oneself is None:
        raise refusals.not_registered()
    way = await _way(pool, definition, applicant, given, code)
    if way is None:
        return _of({_role_of(definition, oneself): oneself}, applicant, None)
    match way.found_by:
        case "marriage":
            return await _married(pool, definition, way, oneself)
        case "applicant":
            return _of(await _unmarried(pool, definition, way, oneself), applicant, way)
        case "late_spouse":
            return await _widowed(pool, definition, way, oneself, given)
        case "typed":
            return await _named(pool, definition, way, oneself, given, present)


async def now(
    pool: Pool, definition: Definition, opened: CaseOpened, form: Mapping[str, str], agreed: frozenset[str]
) -> Found:
    """`form`: as it is now. `agreed`: roles that have agreed, or do so now."""
    ids = ids_of(definition, opened)
    way = definition.way_called(opened.way) or definition.every_way[0]
    people = await people_of(pool, ids.values())
    known: dict[str, str] = {}
    gone: dict[str, Gone] = {}
    for role, person in ids.items():
        if (one := people.get(person)) is None:
            continue
        facts = _facts(role, one)
        if way.found_by == "typed" and role in way.consents and person != opened.applicant and role not in agreed:
            facts = _before_they_agree(facts)
        known |= facts
        if one.stands == "annulled" or (one.stands == "died" and not _died_before(way, role)):
            gone[role] = Gone(person, one.stands)
    for asked in definition.fields_of(way):  # of the marriage as it was when it was handed in
        if asked.prefill and asked.prefill.partition(".")[0] == "marriage" and asked.name in form:
            known[asked.prefill] = form[asked.name]
    return Found(known, gone, {str(person): one.version for person, one in people.items()})


def ids_of(definition: Definition, opened: CaseOpened) -> Mapping[str, UUID]:
    """By role. Cases of earlier releases kept the applicant and those who must agree."""
    if opened.persons:
        return opened.persons
    others = {one.role: one.person for one in opened.consents}
    own = next((one.role for one in definition.persons if one.role not in others), definition.persons[0].role)
    return {own: opened.applicant, **others}


def _died_before(way: Way, role: str) -> bool:
    """That they are dead is what the way is about."""
    return way.found_by == "late_spouse" and role == way.roles[-1]


async def _way(
    pool: Pool, definition: Definition, applicant: UUID, given: Mapping[str, str] | None, code: str | None
) -> Way | None:
    """As the form says; while it does not, that of the marriage on record."""
    if definition.way is None:
        return definition.every_way[0]
    code = code or (given or {}).get(definition.way, "").strip()
    if code:
        way = definition.way_called(code)
        if way is None:
            raise refusals.no_such_way(definition.way)
        return way
    by_marriage = next((way for way in definition.ways if way.found_by == "marriage"), None)
    if by_marriage and await marriage_of(pool, applicant):
        return by_marriage
    if given is None:
        return None
    raise refusals.no_marriage_on_record()


async def _married(pool: Pool, definition: Definition, way: Way, oneself: Person) -> Persons:
    marriage = await marriage_of(pool, oneself.person)
    if marriage is None:
        raise refusals.no_marriage_on_record() if definition.ways else refusals.not_married()
    spouse = await find_person(pool, marriage.spouse)
    if spouse is None:
        raise refusals.not_registered()
    roles = {_role_of(definition, one): one for one in (oneself, spouse)}
    if roles.keys() != set(way.roles):
        raise refusals.not_for_you()
    found = _of(roles, oneself.person, way)
    return replace(found, known={**found.known, "marriage.licence": marriage.licence})


async def _widowed(
    pool: Pool, definition: Definition, way: Way, oneself: Person, given: Mapping[str, str] | None
) -> Persons:
    roles = await _unmarried(pool, definition, way, oneself)
    marriage = await late_marriage_of(pool, oneself.person)
    spouse = (await people_of(pool, [marriage.spouse])).get(marriage.spouse) if marriage else None
    if marriage is None or spouse is None:
        raise refusals.no_late_spouse()
    day = _day((given or {}).get(way.counted_from or "", ""))
    if day and marriage.ended_on and (day - marriage.ended_on).days > (way.most_days or 0):
        raise refusals.died_too_early(way.counted_from or "", way.most_days or 0)
    return _of({**roles, way.roles[-1]: spouse}, oneself.person, way)


async def _named(
    pool: Pool,
    definition: Definition,
    way: Way,
    oneself: Person,
    given: Mapping[str, str] | None,
    present: Collection[UUID],
) -> Persons:
    roles = await _unmarried(pool, definition, way, oneself)
    assert way.typed_name is not None
    assert way.typed_id_number is not None
    if given is None:
        return _of(roles, oneself.person, way)
    name, number = given.get(way.typed_name, "").strip(), given.get(way.typed_id_number, "").strip()
    try:
        other = await find_by_number(pool, IdNumber(number))
    except NotValid as problem:
        raise refusals.wrong_field(way.typed_id_number, problem.text) from None
    if other is None or not is_same_name(other.name, name) or other.person == oneself.person:
        raise refusals.no_such_person()
    if _role_of(definition, other) != way.roles[-1]:
        raise refusals.no_such_person()
    found = _of(roles, oneself.person, way)
    theirs = _facts(way.roles[-1], other)
    if other.person not in present:
        theirs = _before_they_agree(theirs)
    return replace(
        found,
        ids={**found.ids, way.roles[-1]: other.person},
        known={**found.known, **theirs},
        as_told={**found.as_told, str(other.person): other.version},
    )


async def _unmarried(pool: Pool, definition: Definition, way: Way, oneself: Person) -> dict[str, Person]:
    roles = _first(definition, way, oneself)
    if way.only_unmarried and await marriage_of(pool, oneself.person):
        raise refusals.married(definition.way or "", way.only_unmarried)
    return roles


def _first(definition: Definition, way: Way, oneself: Person) -> dict[str, Person]:
    """Who applies has the way's first role."""
    if _role_of(definition, oneself) != way.roles[0]:
        raise refusals.not_for_you()
    return {way.roles[0]: oneself}


def _of(roles: Mapping[str, Person], applicant: UUID, way: Way | None) -> Persons:
    known = {source: value for role, one in roles.items() for source, value in _facts(role, one).items()}
    return Persons(
        {role: one.person for role, one in roles.items()},
        known,
        applicant,
        way,
        {str(one.person): one.version for one in roles.values()},
    )


def _role_of(definition: Definition, person: Person) -> str:
    """By sex, where the definition says it of its roles."""
    sex = "male" if person.id_number.is_male else "female"
    return next((one.role for one in definition.persons if one.sex in (None, sex)), definition.persons[0].role)


def _facts(role: str, person: Person) -> dict[str, str]:
    facts = {
        "name": person.name,
        "id_number": str(person.id_number),
        "birth_date": person.id_number.birth_date.isoformat(),
        "division": person.division,
        "address": person.address,
        "residence": f"{full_name(person.division) if find_division(person.division) else ''}{person.address}",
        **({"phone": person.phone} if person.phone else {}),
    }
    return {f"{role}.{fact}": value for fact, value in facts.items()}


def _before_they_agree(facts: Mapping[str, str]) -> dict[str, str]:
    return {source: value for source, value in facts.items() if source.partition(".")[2] in BEFORE_THEY_AGREE}


def _day(text: str) -> date | None:
    try:
        return read_day(text.strip())
    except NotValid:
        return None  # the form says so
