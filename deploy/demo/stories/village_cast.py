"""Who plays in the village's story, and what they write."""

import secrets
from dataclasses import dataclass
from typing import Self

from deploy.secrets import StackSecrets
from deploy.seed.samples import SamplePerson, SampleStaff, sample_people, sample_staff
from deploy.sign_up import Newcomer
from shared.contracts.identity import Role

VILLAGE = "130123100242"  # 塔元庄村
TENANT = "寓客来"
TYPED_ADDRESS = "东街2排60号"  # no such door: the clerk knows his village
WRONG_FIELD = "residence_address"
LEADER = "zhengdingzhen.leader"  # 正定镇, the township above the village
REMARK = "本村东街2排没有60号，请按租房合同核对门牌"


@dataclass(frozen=True, slots=True)
class Cast:
    """A tenant whose household is registered elsewhere, his landlord in the village, the village's clerk, and a leader
    of the township."""

    tenant: SamplePerson
    newcomer: Newcomer  # the tenant, as they sign up
    landlord: SamplePerson
    clerk: SampleStaff
    clerk_password: str
    leader: SampleStaff
    leader_password: str

    @classmethod
    def of(cls, stack_secrets: StackSecrets, tenant: str = TENANT) -> Self:
        """From the sample data. `tenant`: a name in it."""
        people = sample_people()
        staff = sample_staff()
        clerk = next(one for one in staff if Role.reviewer in one.roles and one.division == VILLAGE)
        leader = next(one for one in staff if one.login == LEADER)
        number, person = next((number, one) for number, one in enumerate(people) if one.name == tenant)
        phone = f"138001380{number:02}"  # a phone gets a code a minute, so each has their own
        return cls(
            tenant=person,
            newcomer=Newcomer(person.name, person.id_number[:], phone, secrets.token_urlsafe(12)),
            landlord=next(one for one in people if one.division == VILLAGE),
            clerk=clerk,
            clerk_password=stack_secrets.staff_password(clerk.login),
            leader=leader,
            leader_password=stack_secrets.staff_password(leader.login),
        )

    def typed(self) -> dict[str, str]:
        """What the tenant writes into the form, one mistake in it."""
        return {
            "village": VILLAGE,
            WRONG_FIELD: TYPED_ADDRESS,
            "residence_since": "2023-09-01",
            "purpose": "school_entry",
            "purpose_detail": "塔元庄小学一年级",
            "landlord": self.landlord.name,
        }
