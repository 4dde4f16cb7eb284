"""The date on the wall in China."""

from datetime import date, datetime, timedelta, timezone

# A fixed offset: China keeps no summer time, and a machine may lack the time-zone database.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


def today(now: datetime) -> date:
    """The date at `now` (aware) in Asia/Shanghai, wherever the machine stands."""
    return now.astimezone(SHANGHAI).date()
