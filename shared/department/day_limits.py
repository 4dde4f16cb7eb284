"""Commands and bytes that one person may have each department store in a day, unless its settings say otherwise."""

from typing import Final

COMMANDS_A_DAY: Final = 500  # a form saved every half minute for four hours, and handed in
KILOBYTES_A_DAY: Final = 4 * 1024  # sent with them; files have quotas of their own
STAFF_COMMANDS_A_DAY: Final = 20_000  # one every second and a half for a working day; lists are one command
