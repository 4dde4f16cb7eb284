"""Whose fund a clerk keeps. Funds are pooled by city: its office, and those above, close months and order payments."""

from typing import Annotated

from litestar.params import QueryParameter

from services.insurance.domain import refusals
from services.insurance.domain.hospital import city_of, keeps_fund, own_regions, serves_insured
from services.insurance.domain.officer import Officer
from shared.department.powers import Power
from shared.standards import divisions

InRegion = Annotated[
    str | None,
    QueryParameter(pattern="^[0-9]{12}$", description="the region of insurance, a city; by default the clerk's own"),
]


def own_region(power: Power, region: str | None) -> str:
    """The one whose money is to move. Raises NotAllowed for another's, Invalid where several are meant or none is."""
    if region is None:
        if power.area.endswith("0" * 10):
            raise refusals.which_region()
        region = power.area
    city = city_of(divisions.get(region).code)
    if not keeps_fund(city, power.area):
        raise refusals.not_own_fund()
    return city


def seen_area(power: Power, region: str | None) -> str:
    """What a clerk may look at: a county's clerk the city's. Raises NotAllowed for another's."""
    if region is None:
        return own_regions(power.area)
    city = city_of(divisions.get(region).code)
    if not serves_insured(city, power.area):
        raise refusals.not_own_fund()
    return city


def officer_of(power: Power) -> Officer:
    return Officer(power.caller.id, power.caller.person)
