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
    Marriage,
    Person,
    find_by_number,
    find_person,
    late_marriage_of,
    marriage_at,
    marriage_of,
    past_marriage_of,
    people_of,
)
from shared.contracts.cases import CaseOpened
from shared.contracts.errors import Refused
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
            return await _married(pool, definition, way, oneself, given, present)
        case "applicant":
            return _of(await _unmarried(pool, definition, way, oneself, given), applicant, way)
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
    is_apart = way.found_by == "typed" or (
        way.found_by == "marriage" and await marriage_of(pool, opened.applicant) is None
    )
    known: dict[str, str] = {}
    gone: dict[str, Gone] = {}
    for role, person in ids.items():
        if (one := people.get(person)) is None:
            continue
        facts = _facts(role, one)
        if is_apart and role in way.consents and person != opened.applicant and role not in agreed:
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
    if by_marriage and await _deciding(pool, by_marriage, applicant, given):
        return by_marriage
    if given is None:
        return None
    raise await _why_not_married(pool, applicant, _day_of(by_marriage, given) if by_marriage else None)


def _day_of(way: Way, given: Mapping[str, str] | None) -> date | None:
    """Whose marriage decides; None: it is not written yet, or the way asks for none."""
    if way.counted_from is None or way.most_days is None:
        return None
    return _day((given or {}).get(way.counted_from, ""))


async def _deciding(pool: Pool, way: Way, person: UUID, given: Mapping[str, str] | None) -> Marriage | None:
    """The marriage at that day; while no day is written, the one that stands."""
    day = _day_of(way, given)
    if day is None:
        return await marriage_of(pool, person)
    return await marriage_at(pool, person, day, way.most_days or 0)


async def _why_not_married(pool: Pool, person: UUID, day: date | None) -> Refused:
    """True for each: none is on record, one began after that day, or ended too long before it."""
    if day is None:
        return refusals.no_marriage_on_record()
    if (standing := await marriage_of(pool, person)) and standing.begun_on > day:
        return refusals.married_later(standing.begun_on)
    past = await past_marriage_of(pool, person)
    if past and past.ended_on and past.ended_on < day:
        return refusals.marriage_ended_too_early(past.ended_on)
    return refusals.no_marriage_on_record()


async def _married(
    pool: Pool,
    definition: Definition,
    way: Way,
    oneself: Person,
    given: Mapping[str, str] | None,
    present: Collection[UUID],
) -> Persons:
    marriage, day = await _deciding(pool, way, oneself.person, given), _day_of(way, given)
    if marriage is None and given is None and way.counted_from and await past_marriage_of(pool, oneself.person):
        return _of({_role_of(definition, oneself): oneself}, oneself.person, way)  # the day of birth will tell
    if marriage is None:
        raise await _why_not_married(pool, oneself.person, day) if definition.ways else refusals.not_married()
    spouse = (await people_of(pool, [marriage.spouse])).get(marriage.spouse)
    if spouse is None or spouse.stands == "annulled":
        raise refusals.not_registered()
    roles = {_role_of(definition, one): one for one in (oneself, spouse)}
    if roles.keys() != set(way.roles):
        raise refusals.not_for_you()
    if spouse.stands == "died":
        raise refusals.spouse_died(is_first=roles[way.roles[0]] is spouse) if day else refusals.not_registered()
    first = roles[way.roles[0]].person
    if day and first != oneself.person:  # she may have married another before that day
        decides = await marriage_at(pool, first, day, way.most_days or 0)
        if decides is None or decides.marriage != marriage.marriage:
            raise refusals.married_to_another()
    found = _of(roles, oneself.person, way)
    theirs = _facts(_role_of(definition, spouse), spouse)
    if marriage.ended_by and spouse.person not in present:  # apart: their address is told once they agree
        apart = {source for source in theirs if source not in _before_they_agree(theirs)}
        found = replace(found, known={source: one for source, one in found.known.items() if source not in apart})
    return replace(found, known={**found.known, "marriage.licence": marriage.licence})


async def _widowed(
    pool: Pool, definition: Definition, way: Way, oneself: Person, given: Mapping[str, str] | None
) -> Persons:
    roles = await _unmarried(pool, definition, way, oneself, given)
    day = _day_of(way, given)
    late = await late_marriage_of(pool, oneself.person)
    marriage = await _deciding(pool, way, oneself.person, given) if day else late
    if marriage is None and day and late and late.ended_on and late.ended_on < day:
        raise refusals.died_too_early(way.counted_from or "", way.most_days or 0)
    spouse = (await people_of(pool, [marriage.spouse])).get(marriage.spouse) if marriage else None
    if spouse is None or spouse.stands == "annulled":
        raise refusals.no_late_spouse()
    if spouse.stands == "lives":
        raise refusals.husband_lives() if day else refusals.no_late_spouse()
    return _of({**roles, way.roles[-1]: spouse}, oneself.person, way)


async def _named(
    pool: Pool,
    definition: Definition,
    way: Way,
    oneself: Person,
    given: Mapping[str, str] | None,
    present: Collection[UUID],
) -> Persons:
    roles = await _unmarried(pool, definition, way, oneself, given)
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


async def _unmarried(
    pool: Pool, definition: Definition, way: Way, oneself: Person, given: Mapping[str, str] | None
) -> dict[str, Person]:
    """While the day is not written that decides, nobody is refused: they may have married since."""
    roles = _first(definition, way, oneself)
    if way.only_unmarried is None or (way.counted_from and _day_of(way, given) is None):
        return roles
    marriage = await _deciding(pool, way, oneself.person, given)
    if marriage:
        raise refusals.married(
            definition.way or "", refusals.BORN_SOON_AFTER if marriage.ended_by else way.only_unmarried
        )
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
        **({"died_on": person.died_on.isoformat()} if person.died_on else {}),
    }
    return {f"{role}.{fact}": value for fact, value in facts.items()}


def _before_they_agree(facts: Mapping[str, str]) -> dict[str, str]:
    return {source: value for source, value in facts.items() if source.partition(".")[2] in BEFORE_THEY_AGREE}


def _day(text: str) -> date | None:
    try:
        return read_day(text.strip())
    except NotValid:
        return None  # the form says so
