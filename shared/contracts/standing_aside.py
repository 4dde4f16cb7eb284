"""Standing aside (回避): no member of staff handles a matter of their own."""

from shared.contracts.errors import Refused


def not_ones_own_matter() -> Refused:
    return Refused(
        "not_ones_own_matter",
        "该事项涉及您本人，依法应当回避，请交由其他经办人员办理。",
        "This is a matter of your own, so you must stand aside; please leave it to another member of staff.",
    )
