"""A refusal is headed by its kind, which its code tells."""

import pytest

from shared.department.problem_texts import title_of


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("already_decided", "已经办理过"),
        ("supplement_asked_already", "已经办理过"),
        ("login_taken", "已经办理过"),
        ("another_must_check", "应由他人办理"),
        ("claimed_by_another", "应由他人办理"),
        ("not_ones_own_matter", "应当回避"),
        ("not_issued_here", "不在此办理"),
        ("fact_changed", "情况已有变化"),
        ("concurrency_conflict", "情况已有变化"),
        ("certificate_over", "已经终止"),
        ("applicant_died", "已经终止"),
        ("month_not_over", "尚未到办理时间"),
        ("later_month_closed", "已经办理过"),
        ("not_known_yet", "尚待办理"),
        ("with_the_citizen", "尚待办理"),
        ("seal_stopped", "尚待办理"),
        ("too_many_drafts", "超出限额"),
        ("no_seal", "条件尚不具备"),
        ("mandate_needed", "条件尚不具备"),
        ("something_else", "不符合办理条件"),
    ],
)
def test_a_refusals_title_is_by_case(code: str, title: str) -> None:
    assert title_of(409, code).zh == title


def test_other_problems_are_headed_by_their_status() -> None:
    assert title_of(404, "already_decided").zh == "未找到"
    assert title_of(409).zh == "不符合办理条件"
