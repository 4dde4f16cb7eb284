"""The sentences in which a mandate is refused."""

from datetime import date

from services.identity.domain.entry_fields import wrong_field
from shared.contracts.errors import Invalid, NotFound, Refused, TooMany


def no_such_mandate() -> NotFound:
    """Also for one that is between others."""
    return NotFound(
        "no_such_mandate",
        "没有找到该委托，请从“我的委托”中选择。",
        "There is no such mandate; please choose one of your list.",
    )


def mandate_over() -> Refused:
    return Refused(
        "mandate_over",
        "该委托已终止，如仍需办理，请委托人重新委托。",
        "This mandate is over; if it is still needed, please ask the principal to give a new one.",
    )


def accepted_already() -> Refused:
    return Refused(
        "mandate_accepted",
        "您已接受该委托；不再代理的，请选择“终止委托”。",
        "You have accepted this mandate; to act no longer, please end it.",
    )


def unknown_matters(codes: list[str], known: list[str]) -> Invalid:
    return wrong_field(
        "matters",
        f"下列事项不能委托：{'、'.join(codes)}。可委托的事项为：{'、'.join(known)}。",
        f"No mandate can be given for: {', '.join(codes)}. Those that can be named are: {', '.join(known)}.",
    )


def matters_needed() -> Invalid:
    return wrong_field(
        "matters", "请至少选择一项委托事项，且不要重复。", "Please name at least one matter, and each once."
    )


def wrong_last_day(today: date, latest: date) -> Invalid:
    return wrong_field(
        "until",
        f"委托的最后一日应在{today.isoformat()}至{latest.isoformat()}之间，请重新选择。",
        f"The last day lies between {today.isoformat()} and {latest.isoformat()}; please choose another.",
    )


def not_oneself() -> Invalid:
    return wrong_field("agent", "不能委托本人，请填写代理人。", "One gives no mandate to oneself; please name another.")


def agent_too_young() -> Invalid:
    return wrong_field(
        "agent", "代理人须年满十八周岁，请核对所填的人。", "An agent is 18 or older; please check whom you named."
    )


def not_the_officer() -> Invalid:
    return wrong_field(
        "agent",
        "经办人不能为自己登记委托，请由其他工作人员办理。",
        "An officer records no mandate to themselves; please have a colleague do it.",
    )


def principal_too_young() -> Refused:
    return Refused(
        "principal_too_young",
        "未满十八周岁的，由监护人代为办理，不能委托他人。",
        "Under 18 the guardian acts; no mandate can be given.",
    )


def too_many_open(most: int) -> Refused:
    return Refused(
        "too_many_mandates",
        f"有效和待接受的委托最多{most}份，请先终止不用的委托。",
        f"One may have {most} mandates that are not over; please end one that is not needed.",
    )


def too_many_today(most: int, retry_after: float) -> TooMany:
    return TooMany(
        "too_many_mandates_today",
        f"今天的委托已达{most}份的上限，请明天再办理。",
        f"{most} mandates were given today, which is the most; please go on tomorrow.",
        retry_after=retry_after,
    )


def card_not_seen() -> Invalid:
    return wrong_field(
        "card_seen",
        "须由委托人本人持身份证到场，核对后方可登记。",
        "The principal is present and their ID card was seen, or nothing is recorded.",
    )


def nobody_of_that_name() -> Invalid:
    return wrong_field(
        "principal",
        "所填姓名和公民身份号码与户口登记不符，请核对身份证。",
        "Name and ID number do not match the household register; please check the ID card.",
    )
