"""Who is of the bureau that keeps cases going: counters, and leaders of townships and above who lead no profession."""

from collections.abc import Set

from shared.contracts.identity import Role
from shared.standards.divisions import level_of

PROFESSIONS = frozenset(
    {
        Role.registrar,
        Role.reviewer,
        Role.police_reviewer,
        Role.health_reviewer,
        Role.insurance_clerk,
        Role.social_security_clerk,
        Role.hospital_window,
    }
)
"""A leader with one of these leads the bodies of that profession, and not the bureau."""


def is_of_the_bureau(roles: Set[Role], division: str) -> bool:
    """`roles`: all that they hold. A village's leader leads a committee, which keeps no cases."""
    if Role.window in roles:
        return True
    return Role.leader in roles and not roles & PROFESSIONS and level_of(division) != "village"
