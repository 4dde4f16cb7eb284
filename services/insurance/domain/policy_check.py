"""What can be wrong between the rules of a policy, each of which is right by itself."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import combinations, pairwise, product

from services.insurance.domain.policy import Away, Policy, Tier, Version
from services.insurance.domain.situation import ORDINARY
from shared.standards import divisions

Wrong = tuple[tuple[str | int, ...], str]
"""Where in the policy, and what."""


def contradictions(policy: Policy) -> Iterator[Wrong]:
    if divisions.find(policy.division) is None:
        yield ("division",), "there is no such division"
    yield from _dates(policy)
    for number, version in enumerate(policy.versions):
        for place, wrong in (*_within(version), *_relief(version, policy.versions[:number])):
            yield ("versions", number, *place), wrong


def _dates(policy: Policy) -> Iterator[Wrong]:
    for number, version in enumerate(policy.versions):
        if version.valid_to < version.valid_from:
            yield ("versions", number, "valid_to"), f"lies before valid_from, {version.valid_from}"
    for number, (before, after) in enumerate(pairwise(policy.versions), start=1):
        place = ("versions", number, "valid_from")
        if after.valid_from <= before.valid_to:
            yield place, f"overlaps {before.version}, which holds to {before.valid_to}"
        elif after.valid_from > before.valid_to + timedelta(days=1):
            yield place, f"leaves a gap after {before.version}, which holds to {before.valid_to}"
    for (_, one), (number, other) in combinations(enumerate(policy.versions), 2):
        if one.version == other.version:
            yield ("versions", number, "version"), "occurs twice"


def _within(version: Version) -> Iterator[Wrong]:
    yield from _overlaps("tiers", {**version.tiers})
    yield from _overlaps("away", {**version.away})
    if ORDINARY not in version.classes:
        yield ("classes",), f"lack {ORDINARY}"
    for name, insured in version.classes.items():
        for tier in sorted(set(insured.ratios or ()) - version.tiers.keys()):
            yield ("classes", name, "ratios", tier), "is no tier"


def _relief(version: Version, earlier: Sequence[Version]) -> Iterator[Wrong]:
    if (relief := version.relief) is None:
        return
    before = next((one for one in earlier if one.version == relief.compared_with), None)
    if before is None:
        yield ("relief", "compared_with"), "is no earlier version"
        return
    known = {case for away in before.away.values() for case in _cases(away)}
    for case in sorted(set(product(relief.places, relief.filings)) - known):
        yield ("relief",), f"{before.version} says nothing of {', '.join(case)}"


def _overlaps(section: str, rules: Mapping[str, Tier | Away]) -> Iterator[Wrong]:
    """Two rules for one case would make their order in the file decide."""
    for (name, rule), (other_name, other) in combinations(rules.items(), 2):
        for case in sorted(_cases(rule) & _cases(other)):
            yield (section, other_name), f"says the same case as {name}: {', '.join(case)}"


def _cases(rule: Tier | Away) -> set[tuple[str, str]]:
    return set(product(rule.places, rule.levels if isinstance(rule, Tier) else rule.filings))
