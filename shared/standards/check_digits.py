"""Check characters of the national identifiers, each computed from the characters before it.

Which slips each one finds is proved by the tests of this module:

- MOD 11-2 and GB 32100: every single substitution and every swap of two neighbours.
- GB 11714 alone: not a change by a multiple of 11 (e.g. 0 for B); inside an 18-character code GB 32100 finds it.
- MOD 37,36: every single substitution; of neighbour swaps all but those of a and a + 1 (mod 36) met with the
  carry 18 - a, one pair in 630 for each carry.

All raise ValueError for a character outside the alphabet.
"""

DIGITS = "0123456789"
DIGITS_AND_CAPITALS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
GB_32100_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I, O, S, V, Z

_MOD_11_2_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_GB_11714_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_GB_32100_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))


def mod_11_2(digits: str) -> str:
    """ISO 7064 MOD 11-2 as GB 11643 uses it: 17 digits -> one of 0-9, X."""
    total = _weighted_sum(digits, DIGITS, _MOD_11_2_WEIGHTS)
    return "10X98765432"[total % 11]


def mod_37_36(characters: str) -> str:
    """ISO 7064 MOD 37,36: digits and capitals of any length -> one digit or capital."""
    carry = 36
    for character in characters:
        carry = (carry + DIGITS_AND_CAPITALS.index(character)) % 36 or 36
        carry = carry * 2 % 37
    return DIGITS_AND_CAPITALS[(37 - carry) % 36]


def gb_11714(body: str) -> str:
    """GB 11714, an organisation's own code: 8 digits or capitals -> one of 0-9, X."""
    total = _weighted_sum(body, DIGITS_AND_CAPITALS, _GB_11714_WEIGHTS)
    return "0X987654321"[total % 11]


def gb_32100(code: str) -> str:
    """GB 32100, the unified social credit code: 17 characters of its alphabet -> the 18th."""
    total = _weighted_sum(code, GB_32100_ALPHABET, _GB_32100_WEIGHTS)
    return GB_32100_ALPHABET[-total % 31]


def _weighted_sum(characters: str, alphabet: str, weights: tuple[int, ...]) -> int:
    return sum(alphabet.index(character) * weight for character, weight in zip(characters, weights, strict=True))
