"""Every limit of finding out what others know of our history, in one place."""

# Seconds
CONNECT_WITHIN = 1.0  # for the broker to be there, before numbering begins without it
ANSWER_WITHIN = 2.0  # for one answer of a neighbour
GATHER_WITHIN = 30.0  # for all that others tell, before numbering begins without the rest
NEIGHBOURS_WITHIN = 5.0  # for those that are away, before numbering begins, where the broker has lost its store
NEIGHBOURS_AGAIN = 0.2  # between questions to these
BROKER_AGAIN = 0.5  # between tries to read our own streams: relays wait for it
ASK_AGAIN = 10.0  # between questions to neighbours that have not answered

# What is taken of one feed or ledger, from the point of divergence on
MOST_LEAVES = 2_000_000
MOST_NAMED = 50_000  # events of which nobody has more than the leaf, each by itself; the others by ranges
MOST_ERAS = 20  # of witnessing, the last ones
MOST_JUNK = 100  # messages at a stream's end that are no events of ours
AT_ONCE = 64  # messages of a stream that are asked for together

# What is taken at once; the next page comes when it is stored
TAKEN_EVENTS = 5_000  # of one feed
TAKEN_BYTES = 32 * 1024 * 1024

# Pages that we answer
PAGE_EVENTS = 1_000
KEYS_AT_ONCE = 1_000  # lost keys that are asked for and given back
PAGE_BYTES = 512 * 1024  # below the broker's max_payload of 1 MiB
MOST_OF_A_PAGE = 10_000  # events that are read of a page; other releases may give more than we do
