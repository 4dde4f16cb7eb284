"""A designated hospital (定点医疗机构)."""

from dataclasses import dataclass

from services.insurance.domain.situation import Level
from shared.standards.credit_code import CreditCode
from shared.standards.divisions import is_within


@dataclass(frozen=True, slots=True)
class Hospital:
    code: CreditCode
    name: str
    division: str  # where it stands, 12 digits
    level: Level

    @property
    def region(self) -> str:
        """The city it stands in: the place of treatment."""
        return city_of(self.division)


def city_of(division: str) -> str:
    """The city a division belongs to, 12 digits; funds are pooled by city."""
    return division[:4].ljust(12, "0")


def overlap(region: str, area: str) -> bool:
    """A clerk of a county serves those insured with its city."""
    return is_within(region, area) or is_within(area, region)
