"""What cover comes to where no policy of the place is laid down: enrolled, and not settled on line yet."""

from shared.standards.text import Text

NOT_YET_SETTLED = Text(
    "已参保登记。该参保地的医保政策尚未录入，暂不能在线结算；就医费用的结算请联系参保地医保经办机构。",
    "Enrolled. No policy of this place of insurance is laid down here, so bills cannot be settled on line yet; please "
    "ask the office of insurance there how costs are settled.",
)
