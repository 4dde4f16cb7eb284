"""Who plays in the story of a birth, and what the mother writes."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Self

from deploy.secrets import StackSecrets
from deploy.seed.samples import SamplePerson, SampleStaff, sample_people, sample_staff
from shared.standards.shanghai import day_in_shanghai

MOTHER, FATHER = "安有例", "范本立"
FIRST, SECOND = "范小满", "范小雪"  # twins, so that one couple has two cases
MISTYPED, MISHEARD = "樊小满", "范晓满"  # no parent's surname; another word of the same sound
MOTHER_CORRECTED = "安有利"
UNMARRIED, UNMARRIED_CHILD, UNMARRIED_PHONE = "甄样例", "甄小年", "13800138023"
COUNTER = "zhengding.window"
REGISTRAR = "zhengding.registrar"
HOSPITAL, POLICE = "zhengding.hospital", "zhengding.police"
INSURANCE, SOCIAL_SECURITY = "zhengding.insurance", "zhengding.socialsecurity"


@dataclass(frozen=True, slots=True)
class Parent:
    person: SamplePerson
    phone: str
    password: str


@dataclass(frozen=True, slots=True)
class BirthCast:
    """The parents, who decides at the issuing bodies of their county, and who keeps its register."""

    mother: Parent
    father: Parent
    unmarried: SamplePerson  # another mother, who has no account
    officers: Mapping[str, tuple[SampleStaff, str]]  # by login, with the password

    @classmethod
    def of(cls, stack_secrets: StackSecrets) -> Self:
        """From the sample data."""
        people = {one.name: one for one in sample_people()}
        officers = {
            one.login: (one, stack_secrets.staff_password(one.login))
            for one in sample_staff()
            if one.login in (HOSPITAL, POLICE, INSURANCE, SOCIAL_SECURITY, REGISTRAR, COUNTER)
        }
        return cls(
            mother=Parent(people[MOTHER], "13800138021", secrets.token_urlsafe(12)),
            father=Parent(people[FATHER], "13800138022", secrets.token_urlsafe(12)),
            unmarried=people[UNMARRIED],
            officers=MappingProxyType(officers),
        )


def typed(child: str, order: str) -> dict[str, str]:
    """What the mother writes into the form; everything else is known."""
    return {
        "child_name": child,
        "child_sex": "female",
        "birth_date": day_in_shanghai(datetime.now(UTC) - timedelta(days=1)).isoformat(),
        "birth_order": order,
        "birth_time": {"first": "23:40", "second": "23:52"}[order],
        "gestation_weeks": "38",
        "weight_grams": {"first": "2710", "second": "2640"}[order],
        "length_cm": "48",
        "hospital": "zhengding_maternal",
        "householder": "mother",
        "card_bank": "icbc",
    }
