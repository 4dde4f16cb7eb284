from decimal import Decimal

import pytest

from services.insurance.domain.accumulators import Accumulators
from services.insurance.domain.settle import settle
from tests.services.insurance.bills import EXAMPLES, YEAR, Example, read


@pytest.mark.parametrize("example", read(EXAMPLES), ids=lambda example: example.name)
def test_the_worked_examples_hold_to_the_cent(example: Example) -> None:
    balance = Decimal(example.acct_balance) if example.acct_balance else None
    assert settle(example.rules, Accumulators(), example.items, balance).as_json() == example.expect


def test_the_stays_of_a_year_build_on_one_another() -> None:
    year = Accumulators()
    for stay in read(YEAR):
        sheet = settle(stay.rules, year, stay.items)
        assert sheet.as_json() == stay.expect
        year = sheet.acc_after
