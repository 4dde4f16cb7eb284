"""Valid identifiers at random, and the slips people make when copying them."""

from collections.abc import Iterator
from itertools import pairwise

from hypothesis import strategies as st

from shared.standards.check_digits import DIGITS, DIGITS_AND_CAPITALS, GB_32100_ALPHABET, gb_11714, gb_32100, mod_11_2
from shared.standards.licence_number import LicenceNumber


def id_number(division: str, born: str, sequence: str) -> str:
    return f"{division}{born}{sequence}{mod_11_2(division + born + sequence)}"


def id_numbers() -> st.SearchStrategy[str]:
    return st.builds(
        id_number,
        st.from_regex(r"[1-9][0-9]{5}", fullmatch=True),
        st.dates().map(lambda day: f"{day.year:04}{day:%m%d}"),
        st.text(DIGITS, min_size=3, max_size=3),
    )


def credit_code(front: str, division: str, body: str) -> str:
    code = f"{front}{division}{body}{gb_11714(body)}"
    return code + gb_32100(code)


def credit_codes() -> st.SearchStrategy[str]:
    return st.builds(
        credit_code,
        st.text(GB_32100_ALPHABET, min_size=2, max_size=2),
        st.text(DIGITS, min_size=6, max_size=6),
        st.text(GB_32100_ALPHABET, min_size=8, max_size=8),
    )


def licence_numbers(last_version: int = 999) -> st.SearchStrategy[LicenceNumber]:
    return st.builds(
        LicenceNumber.make,
        st.builds(str.__add__, credit_codes(), st.text(DIGITS, min_size=3, max_size=3)),
        credit_codes(),
        st.text(DIGITS_AND_CAPITALS, min_size=1, max_size=64),
        st.integers(1, last_version),
    )


def single_changes(text: str, alphabet: str) -> Iterator[str]:
    """Every text that differs in one character of the alphabet."""
    for place, old in enumerate(text):
        if old in alphabet:
            yield from (text[:place] + new + text[place + 1 :] for new in alphabet if new != old)


def neighbour_swaps(text: str) -> Iterator[str]:
    """Every text in which two different neighbours have changed places."""
    for place, (left, right) in enumerate(pairwise(text)):
        if left != right:
            yield text[:place] + right + left + text[place + 2 :]
