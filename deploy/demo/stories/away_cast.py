"""Who plays in the story of treatment away from home, and the bill it is about."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self

from deploy.secrets import StackSecrets
from deploy.seed.samples import SamplePerson, SampleStaff, sample_people, sample_staff

MOTHER, SON = "韦示例", "韦孝先"
WINDOW, HOME_WINDOW = "nanning.window", "pingnan.window"
OFFICER, SECOND_OFFICER = "guigang.insurance", "guigang.second"
MOBILE, SONS_MOBILE = "13800138049", "13800138075"

BEFORE, AFTER = "2023-06-30", "2023-07-01"
"""The last day of filing, and the first one without."""

TOTAL, WITH_FILING_MISSED, AS_IT_IS, SAVED = "32133.33", "19778.00", "15588.00", "4190.00"

HOME_TOTAL = "4200.00"


@dataclass(frozen=True, slots=True)
class AwayCast:
    """A mother of 74 insured at 贵港 and her son, and the window of a hospital in 南宁.

    Of a stay before, in her own county: the window there, and two officers of the place of insurance.
    """

    mother: SamplePerson
    password: str
    son: SamplePerson
    sons_password: str
    window: SampleStaff
    window_password: str
    others: Mapping[str, tuple[SampleStaff, str]]  # by login, with the password

    @classmethod
    def of(cls, stack_secrets: StackSecrets) -> Self:
        """From the sample data."""
        window = next(one for one in sample_staff() if one.login == WINDOW)
        people = {one.name: one for one in sample_people()}
        others = {
            one.login: (one, stack_secrets.staff_password(one.login))
            for one in sample_staff()
            if one.login in (HOME_WINDOW, OFFICER, SECOND_OFFICER)
        }
        return cls(
            mother=people[MOTHER],
            password=secrets.token_urlsafe(12),
            son=people[SON],
            sons_password=secrets.token_urlsafe(12),
            window=window,
            window_password=stack_secrets.staff_password(window.login),
            others=MappingProxyType(others),
        )

    def bill(self) -> dict[str, Any]:
        """Surgery, medicine of class 乙, and what no insurance pays."""
        return {
            "id_number": self.mother.id_number[:],
            "bill_number": "ZY202307010074",
            "admitted_on": "2023-06-19",
            "discharged_on": AFTER,
            "diagnosis": "股骨颈骨折",
            "items": [
                {"name": "人工髋关节置换手术", "category": "A", "amt": "21333.33"},
                {"name": "药品及耗材", "category": "B", "amt": "8000.00", "selfpay_prop": "0.10"},
                {"name": "特需护理", "category": "C", "amt": "2800.00"},
            ],
        }

    def home_bill(self, *, is_right: bool) -> dict[str, Any]:
        """Of the stay in her county; first with days on which she was in 南宁."""
        return {
            "id_number": self.mother.id_number[:],
            "bill_number": "PN202306180112" if is_right else "PN202306280112",
            "admitted_on": "2023-06-12" if is_right else "2023-06-22",
            "discharged_on": "2023-06-18" if is_right else "2023-06-28",
            "diagnosis": "高血压",
            "items": [
                {"name": "床位、护理和检查", "category": "A", "amt": "3000.00"},
                {"name": "药品", "category": "B", "amt": "1200.00", "selfpay_prop": "0.10"},
            ],
        }
