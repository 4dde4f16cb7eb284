"""The clock on the wall in China."""

from datetime import date, datetime, timedelta, timezone

# A fixed offset: China keeps no summer time, and a machine may lack the time-zone database.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


def day_in_shanghai(moment: datetime) -> date:
    """The date of an aware moment, wherever the machine stands."""
    return moment.astimezone(SHANGHAI).date()


def time_in_shanghai(moment: datetime) -> str:
    """Hours and minutes of an aware moment: '09:30'."""
    return f"{moment.astimezone(SHANGHAI):%H:%M}"


def end_of(day: date) -> datetime:
    """24:00 of a day, which is 0:00 of the next. Source: 民法典 Art. 203."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) + timedelta(days=1)
