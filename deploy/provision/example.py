"""`python -m deploy.provision.example 130100000000 > villages.csv`: an account for each village of a division.

The ID numbers are made up: nobody bears them.
"""

import csv
import sys
from collections.abc import Iterator

from deploy.seed.numbers import made_up_number
from shared.standards import divisions
from shared.standards.division_names import village_committee_name
from shared.standards.errors import NotValid


def villages(area: str) -> Iterator[str]:
    """The codes of all villages and communities that have a committee, the first one first."""
    division = divisions.get(area)
    if division.level == "village":
        if _has_committee(division.code):
            yield division.code
        return
    for below in divisions.children(division.code):
        yield from villages(below.code)


def _has_committee(code: str) -> bool:
    try:
        village_committee_name(code)
    except NotValid:
        return False
    return True


def main(area: str) -> None:
    out = csv.writer(sys.stdout)
    out.writerow(("login", "name", "id_number", "division", "roles", "seal"))
    for n, code in enumerate(villages(area)):
        out.writerow((f"village.{code}", "村务经办", made_up_number(code, n)[:], code, "reviewer", "no"))


if __name__ == "__main__":
    main(sys.argv[1])
