"""What one request may be at most. Whatever is more is refused with 4xx before anybody tries to understand it."""

from typing import Final

MIB: Final = 1024 * 1024

LARGEST_BODY: Final = MIB  # bytes, where a route says nothing else

# of JSON
DEEPEST: Final = 32  # objects and lists within one another
MOST_VALUES: Final = 50_000  # members of objects and items of lists, together
MOST_DIGITS: Final = 40  # of one number, as written
LARGEST_NUMBER: Final = 2**53 - 1  # what every reader of JSON holds exactly (RFC 8259 §6)
LONGEST_KEY: Final = 200  # characters

# of an address
LONGEST_PATH: Final = 2048  # bytes
LONGEST_QUERY: Final = 16 * 1024  # bytes; a signed statement of a QR code is the longest that comes
MOST_PARAMETERS: Final = 32

# of the head
MOST_HEADERS: Final = 100
LONGEST_HEADER: Final = 8 * 1024  # bytes; a token with many roles is the longest that comes

BIGGEST_SEQUENCE: Final = 2**63 - 1  # of an event in its feed
