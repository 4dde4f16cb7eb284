"""Numbers that this department tells operators of itself."""

from shared.department.gauge import Gauge

_OPEN = "select count(*) from (select from cases where status <> 'closed' and expected_by {} limit 100000) as late"

GAUGES = (
    Gauge("stuck_items", "select count(*) from (select from case_items where status = 'stuck' limit 100000) as stuck"),
    Gauge("cases_overdue", _OPEN.format("< now()")),
    Gauge("cases_due_soon", _OPEN.format("between now() and now() + interval '3 days'")),
)
