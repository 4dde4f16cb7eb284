"""Whose child a newborn is and whose household it joins: by the way of registering, as the register is now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.identity.domain.birth import Birth
from services.identity.domain.entry_fields import wrong_field
from services.identity.domain.marriage import Ended, Standing, persons_of
from services.identity.domain.person import Dead, Entered, State
from services.identity.domain.register_rules import Parent, RegisterRules
from shared.contracts.errors import Refused
from shared.standards.age import years_old
from shared.standards.months import months_after
from shared.standards.surnames import bears_surname_of

Marriage = Standing | Ended


@dataclass(frozen=True, slots=True)
class Parents:
    """As the register has them. `guardians`: those who live."""

    mother: Entered
    father: Entered | None
    guardians: tuple[Entered, ...]
    joined: Entered  # whose household the child joins


def parents_of(
    birth: Birth,
    mother: State,
    father: State | None,
    marriages: Sequence[Marriage],
    rules: RegisterRules,
    today: date,
) -> Parents:
    """Raises Refused and Invalid for what keeps their child out of the register, naming who can help.

    `marriages`: all that the mother was or is in. The one at the time of the birth decides. `today`: on which a father
    acknowledges, where the case does not say when it was handed in.
    """
    require_in_time(birth, rules)
    of_mother = _written("mother", mother, rules)
    of_father = None if birth.father is None else _written("father", father, rules)
    _require_sexes(of_mother, of_father)
    if isinstance(mother, Dead) and mother.died_on < birth.born_on:
        raise _dead_before("mother", "母亲", "mother")
    _require_ages(birth, of_mother, of_father, today, rules)
    _require_father(birth, father, marriages, rules)
    _require_surname(birth, of_mother, of_father, rules)
    guardians = tuple(one for one in (mother, father) if isinstance(one, Entered))
    if not guardians:
        raise rules.go_elsewhere("no_parent_left")
    joined = _household(birth, mother, father)
    if rules.needs_proof(birth.way, birth.householder) and birth.parentage_proof is None:
        raise wrong_field(
            "parentage_proof",
            "非婚生育的孩子随父落户，须填写亲子鉴定意见书编号；没有亲子鉴定的，可改选随母落户（国办发〔2015〕96号）。",
            "To join the household of a father who is not married to the mother, please give the number of the "
            "parentage test; without one the child joins the mother's household.",
        )
    return Parents(of_mother, of_father, guardians, joined)


def require_in_time(birth: Birth, rules: RegisterRules) -> None:
    """By the day the case was handed in, where it tells. The last day counts."""
    if birth.handed_in_on and birth.handed_in_on > months_after(birth.born_on, rules.birth.months):
        raise rules.go_elsewhere("too_late")


def _written(who: str, state: State | None, rules: RegisterRules) -> Entered:
    match state:
        case Entered():
            return state
        case Dead():
            return state.entry
        case _:
            words = rules.go_elsewhere("parent_not_registered").text
            raise Refused(f"{who}_not_registered", words.zh, words.en)


def _require_sexes(mother: Entered, father: Entered | None) -> None:
    if mother.id_number.is_male or (father is not None and not father.id_number.is_male):
        raise Refused(
            "parents_mistaken",
            "父母的公民身份号码与性别不符，请核对母亲和父亲是否填反；登记有误的，先到派出所更正。",
            "The parents' ID numbers do not fit a mother and a father; please check whether they were mixed up, or "
            "have the register corrected at the police station first.",
        )


def _require_ages(birth: Birth, mother: Entered, father: Entered | None, today: date, rules: RegisterRules) -> None:
    for who, parent in _both(mother, father):
        ages = rules.birth.age_of(who)
        if ages and years_old(parent.id_number.birth_date, birth.born_on) < ages.least:
            raise rules.go_elsewhere("parent_too_young")
    if birth.way == "acknowledged" and father and (alone_from := rules.birth.acknowledging_age) is not None:
        age = years_old(father.id_number.birth_date, birth.handed_in_on or today)
        if age < alone_from:
            raise rules.go_elsewhere("father_not_of_age")


def implausible_parents(birth: Birth, parents: Parents, rules: RegisterRules) -> tuple[str, ...]:
    """Why two officers look at the parents first, as codes."""
    found = []
    for who, parent in _both(parents.mother, parents.father):
        ages = rules.birth.age_of(who)
        if ages and not ages.usual_from <= years_old(parent.id_number.birth_date, birth.born_on) <= ages.usual_to:
            found.append(f"{who}_age")
    if rules.birth.mother_age and rules.needs_proof(birth.way, birth.householder):
        found.append("parentage_proof")  # nobody has seen it yet
    return tuple(found)


def _both(mother: Entered, father: Entered | None) -> tuple[tuple[Parent, Entered], ...]:
    return (("mother", mother), ("father", father)) if father else (("mother", mother),)


def _require_father(birth: Birth, father: State | None, marriages: Sequence[Marriage], rules: RegisterRules) -> None:
    """That this father is the child's by this way."""
    decides = marriage_at(marriages, birth.born_on, rules.birth.posthumous_days)
    match birth.way, father:
        case (("mother_alone" | "acknowledged"), _) if decides is not None:
            raise _born_in_a_marriage()
        case "mother_alone", _:
            return
        case "acknowledged", Dead(died_on=died_on) if died_on < birth.born_on:
            raise _dead_before("father", "父亲", "father")
        case "acknowledged", _:
            return
        case "posthumous", Entered():
            raise Refused(
                "father_lives",
                "户口登记中父亲健在，不属于父亲去世后出生的情形；请改选其他方式，或先到派出所办理父亲的死亡登记。",
                "The father lives by the register, so the child was not born after his death; please choose another "
                "way, or have his death recorded at the police station first.",
            )
        case _ if birth.is_first_version and isinstance(father, Entered):
            return  # the case has looked at the marriage
    if isinstance(father, Dead) and (birth.born_on - father.died_on).days > rules.birth.posthumous_days:
        raise rules.go_elsewhere("father_died_too_early")
    if decides is None or not isinstance(father, Entered | Dead) or _entry(father).person not in persons_of(decides):
        raise Refused(
            "no_marriage_on_record",
            "户口登记中，孩子出生时母亲与所填父亲没有婚姻关系：婚姻登记漏录的，请先到派出所补录；出生后才结婚的，请改选"
            "父亲承认；出生时母亲另有婚姻的，请按该婚姻申报，或持亲子鉴定到派出所办理。",
            "By the register the mother was not married to this father when the child was born. If that marriage is "
            "missing, please have it recorded at the police station; if they married later, please choose the way of "
            "an acknowledging father; if she was married to another, report the birth by that marriage, or bring a "
            "proof of parentage to the police station.",
        )


def marriage_at(marriages: Sequence[Marriage], born_on: date, most_days: int) -> Marriage | None:
    """The marriage that makes the husband the father: the one that stood on the day, else the last that had ended, by
    death or divorce, at most so many days before (《民法典》婚姻家庭编不列天数；三百天为各地通行的认定标准).

    One concluded after the birth does not count.
    """
    begun = [one for one in marriages if _standing(one).married_on <= born_on and _is_real(one)]
    counting = [(_last_day(one), one) for one in begun if (born_on - _last_day(one)).days <= most_days]
    return max(counting, key=lambda found: (found[0], _standing(found[1]).married_on))[1] if counting else None


def _standing(marriage: Marriage) -> Standing:
    return marriage if isinstance(marriage, Standing) else marriage.marriage


def _is_real(marriage: Marriage) -> bool:
    return not (isinstance(marriage, Ended) and marriage.reason == "annulled")


def _last_day(marriage: Marriage) -> date:
    return date.max if isinstance(marriage, Standing) else marriage.ended_on


def _entry(state: Entered | Dead) -> Entered:
    return state.entry if isinstance(state, Dead) else state


def _born_in_a_marriage() -> Refused:
    return Refused(
        "born_in_marriage",
        "户口登记中，孩子出生时（或出生前三百天内）母亲在婚姻中，丈夫即为父亲：请改选婚内生育，丈夫已去世的选父亲已去世；"
        "丈夫不是父亲的，请持亲子鉴定到落户地派出所办理。",
        "By the register the mother was married when the child was born, or until shortly before, so that husband is "
        "the father: please choose “in wedlock”, or that the father has died. If he is not the father, please bring a "
        "proof of parentage to the police station of the household.",
    )


def _require_surname(birth: Birth, mother: Entered, father: Entered | None, rules: RegisterRules) -> None:
    if birth.by_custom and rules.birth.custom_names:
        return
    parents: dict[Parent, Entered | None] = {"mother": mother, "father": father}
    bearers = [one for who in rules.birth.surnames_of if (one := parents[who])]
    if any(bears_surname_of(birth.name, one.name) for one in bearers):
        return
    raise Refused(
        "surname_of_neither_parent",
        "新生儿应随父姓或母姓（《民法典》第一千零一十五条）；少数民族按本民族习惯取名的，请在申请中确认；选取其他姓氏的，"
        "请到派出所办理。",
        "A child bears its father's or mother's surname (Civil Code Art. 1015). If it is named by a minority's custom, "
        "please confirm that in the application; for another surname go to the police station.",
    )


def _household(birth: Birth, mother: State, father: State | None) -> Entered:
    householder = mother if birth.householder == "mother" else father
    if householder is None:
        raise wrong_field(
            "householder",
            "不登记父亲的，孩子随母亲落户，请改选。",
            "A child without a registered father joins its mother's household; please choose that.",
        )
    if not isinstance(householder, Entered):
        raise Refused(
            "household_closed",
            "所选父亲或母亲的户口登记已因死亡注销，请改选随另一方落户；需随祖父母等落户的，请到派出所办理。",
            "The chosen parent's entry was closed by their death; please choose the other parent's household, or go to "
            "the police station for that of the grandparents.",
        )
    if birth.division is not None and householder.division != birth.division:
        raise Refused(
            "household_elsewhere",
            "落户地址不在所选父亲或母亲的户口所在地，请改选落户方，或先到派出所办理户口迁移。",
            "The chosen parent's household is in another place; choose the other parent's, or move it first at the "
            "police station.",
        )
    return householder


def _dead_before(who: str, zh: str, en: str) -> Refused:
    return Refused(
        f"{who}_dead",
        f"户口登记中{zh}在孩子出生前已死亡，请核对日期；登记有误的，请到派出所更正。",
        f"By the register the {en} died before the birth; please check the days, or have the register corrected at "
        "the police station.",
    )
