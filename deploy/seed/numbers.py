"""Made-up ID numbers: valid, the same again each time, and nobody's.

Their sequences, 996 to 999, are kept for people over a hundred.
"""

from datetime import date, timedelta

from shared.standards.check_digits import mod_11_2
from shared.standards.id_number import IdNumber

FIRST_BIRTH = date(1960, 1, 1)
SEQUENCES = range(996, 1000)


def made_up_number(division: str, nth: int) -> IdNumber:
    """The nth of a county, from 0 on; `division` lies in it."""
    days, place = divmod(nth, len(SEQUENCES))
    born = FIRST_BIRTH + timedelta(days=days)
    body = f"{division[:6]}{born:%Y%m%d}{SEQUENCES[place]}"
    return IdNumber(body + mod_11_2(body))
