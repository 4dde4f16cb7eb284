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


def keeps_fund(region: str, area: str) -> bool:
    """Whether an office of this area keeps the fund of a city: the city's own, and those above it."""
    return is_within(region, area)


def serves_insured(region: str, area: str) -> bool:
    """Whether an office of this area looks after those insured with a city: its own, those above, its counties'."""
    return overlap(region, area) and area.endswith("0" * 6)


def own_regions(area: str) -> str:
    """Where the funds lie that concern an office of this area: a city for its counties, else the area itself."""
    return area if area.endswith("0" * 8) else city_of(area)


def overlap(region: str, area: str) -> bool:
    """A clerk of a county serves those insured with its city."""
    return is_within(region, area) or is_within(area, region)
