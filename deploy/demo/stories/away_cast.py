"""Who plays in the story of treatment away from home, and the bill it is about."""

import secrets
from dataclasses import dataclass
from typing import Any, Self

from deploy.secrets import StackSecrets
from deploy.seed.samples import SamplePerson, SampleStaff, sample_people, sample_staff

MOTHER, SON = "韦示例", "韦孝先"
WINDOW = "nanning.window"
MOBILE, SONS_MOBILE = "13800138049", "13800138075"

BEFORE, AFTER = "2023-06-30", "2023-07-01"
"""The last day of filing, and the first one without."""

TOTAL, WITH_FILING_MISSED, AS_IT_IS, SAVED = "32133.33", "19778.00", "15588.00", "4190.00"


@dataclass(frozen=True, slots=True)
class AwayCast:
    """A mother of 74 insured at 贵港 and her son, and the window of a hospital in 南宁."""

    mother: SamplePerson
    password: str
    son: SamplePerson
    sons_password: str
    window: SampleStaff
    window_password: str

    @classmethod
    def of(cls, stack_secrets: StackSecrets) -> Self:
        """From the sample data."""
        window = next(one for one in sample_staff() if one.login == WINDOW)
        people = {one.name: one for one in sample_people()}
        return cls(
            mother=people[MOTHER],
            password=secrets.token_urlsafe(12),
            son=people[SON],
            sons_password=secrets.token_urlsafe(12),
            window=window,
            window_password=stack_secrets.staff_password(window.login),
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
