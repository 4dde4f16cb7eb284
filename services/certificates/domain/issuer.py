"""A body that issues on line: registered with its credit code and its full legal name."""

from dataclasses import dataclass
from typing import Literal

from shared.standards.credit_code import CreditCode

IssuerClass = Literal["village", "township", "police", "health", "insurance", "social_security"]


@dataclass(frozen=True, slots=True)
class Issuer:
    division: str  # 12 digits: its jurisdiction, and all below
    credit_code: CreditCode
    name: str  # '河北省石家庄市正定县正定镇塔元庄村村民委员会'
    issuer_class: IssuerClass = "village"
