"""Numbers that this department tells operators of itself."""

from shared.department.gauge import Gauge

_WAITING = "select count(*) from (select from review_queue where with_reviewer and urgency {} limit 100000) as late"

GAUGES = (
    Gauge("reviews_overdue", _WAITING.format("< now()")),
    Gauge("reviews_due_soon", _WAITING.format("between now() and now() + interval '3 days'")),
)
