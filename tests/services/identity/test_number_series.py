"""The numbers of a county and a day are such as GB 11643 makes them, whatever county, day and sex."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.identity.domain.number_series import NumberSeries
from shared.standards.id_number import IdNumber

counties = st.sampled_from(["130123", "110105", "450821", "441900", "659004"])
series = st.builds(NumberSeries, counties, st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.booleans())


@given(series)
def test_every_number_is_valid_and_tells_county_day_and_sex(one: NumberSeries) -> None:
    for number in one.numbers():
        again = IdNumber(str(number))  # checks form, check character and date
        assert (again.division, again.birth_date, again.is_male) == (one.county, one.born_on, one.is_male)
        assert again in one


@given(series)
def test_boys_get_odd_sequences_and_girls_even_ones_each_once_below_996(one: NumberSeries) -> None:
    sequences = [int(number[14:17]) for number in one.numbers()]
    assert sequences == sorted(set(sequences))
    assert all(sequence % 2 == one.is_male for sequence in sequences)
    assert (len(sequences), sequences[-1]) == ((498, 995) if one.is_male else (497, 994))


@given(series, series)
def test_no_number_is_of_two_series(one: NumberSeries, other: NumberSeries) -> None:
    if one != other:
        assert not set(one.numbers()) & set(other.numbers())
        assert all(number not in other for number in one.numbers())
