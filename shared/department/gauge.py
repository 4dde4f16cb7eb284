"""Numbers of its own that a department tells."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gauge:
    """Work that waits for people in a department, as data of that department.

    `name`: what waits, such as 'held_bills'. `count`: one statement without parameters that gives one number; bounded,
    and served by an index.
    """

    name: str
    count: str
