"""What is to be said of a certificate, by how it stands."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.certificates.checking.verdict import SENTENCES, Life, Standing, Verdict, judge

FROM, LAST = date(2026, 1, 1), date(2026, 6, 30)
IN_FORCE = date(2026, 3, 1)
SINCE = datetime(2026, 2, 1, 17, 0, tzinfo=UTC)  # the 2nd in China


def standing(life: Life | None = "valid", **changes: object) -> Standing:
    since = SINCE if life not in ("valid", None) else None
    return Standing(FROM, LAST, life, since, "1.2.3" if life == "superseded" else None)


@pytest.mark.parametrize(
    ("today", "code"),
    [
        (FROM - timedelta(days=1), "not_yet_valid"),
        (FROM, "valid"),
        (LAST, "valid"),
        (LAST + timedelta(days=1), "expired"),
    ],
)
def test_the_first_and_the_last_day_count(today: date, code: str) -> None:
    assert judge(standing(), today).code == code


def test_what_nobody_issued_is_unknown() -> None:
    assert judge(None, IN_FORCE) == Verdict("unknown")


def test_a_certificate_without_end_does_not_expire() -> None:
    assert judge(Standing(FROM, None), date(2999, 1, 1)).holds


@pytest.mark.parametrize("life", ["revoked", "superseded"])
@pytest.mark.parametrize("today", [FROM - timedelta(days=1), IN_FORCE, LAST + timedelta(days=1)])
def test_what_ends_it_for_good_is_said_whatever_the_day(life: Life, today: date) -> None:
    verdict = judge(standing(life), today)
    assert (verdict.code, verdict.since, verdict.holds) == (life, SINCE, False)


def test_a_suspension_says_since_when_while_the_certificate_would_hold() -> None:
    assert judge(standing("suspended"), IN_FORCE) == Verdict("suspended", SINCE)
    assert judge(standing("suspended"), LAST + timedelta(days=1)).code == "expired"


def test_off_line_without_a_status_list_dates_are_judged_and_the_rest_is_left_open() -> None:
    assert judge(standing(None), IN_FORCE).code == "status_unknown"
    assert judge(standing(None), LAST + timedelta(days=1)).code == "expired"


def test_sentences_name_the_day_in_china_and_the_successor() -> None:
    assert Verdict("revoked", SINCE).text.zh.startswith("该证照已于2026年02月02日撤销")
    assert "on 2026-02-02" in Verdict("revoked", SINCE).text.en
    assert "（1.2.3）" in Verdict("superseded", SINCE, "1.2.3").text.zh
    assert Verdict("suspended").text.zh.startswith("该证照已暂停使用")


@pytest.mark.parametrize("code", SENTENCES)
def test_no_sentence_is_left_with_a_gap(code: str) -> None:
    text = Verdict(code).text  # type: ignore[arg-type]
    assert "{" not in text.zh + text.en
    assert text.zh.endswith("。") and text.en.endswith(".")
