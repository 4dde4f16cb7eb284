"""Every limit of the store in one place: connections, how long anything is waited for, how much goes at once."""

# Connections of one instance, beside those for keys and three more: leadership, standing, a build
REQUEST_CONNECTIONS = 10  # what requests ask
WRITING_CONNECTIONS = 8  # commands: loading and storing
DUTY_CONNECTIONS = 8  # what the leader does: numbering, relays, subscriptions, timers

# Seconds
ACQUIRE_WITHIN = 5.0  # for a connection of a pool, else 503
CONNECT_WITHIN = 10.0  # for the server to let one in
COMMAND_WITHIN = 60.0  # for any statement
MIGRATE_WITHIN = 600.0  # for another process that lays the schema

# Releases that pass each other, in seconds
SEEN_EVERY = 10.0  # an instance says that its release lives
AWAY_FOR = 600.0  # so long a newer release must be away before an older one supersedes it without leave
ROLL_BACK_WITHIN = 3600.0  # so long the operator's leave to go back holds

# Commands that are stored together
GROUP_COMMANDS = 500
GROUP_BYTES = 8 * 2**20  # of event data
LARGEST_COMMAND = 64 * 2**20  # bytes; more are refused
GROUP_LOCK_MS = 200  # what a group waits for somebody's lock: then it is found out whose command it is
GROUP_STATEMENT_MS = 5_000
LONE_LOCK_MS = 10_000  # what a command waits that is known to be in somebody's way
LONE_STATEMENT_MS = 30_000
LONE_AT_ONCE = 2
MOST_LONE = 100  # more of them that wait are told to come again

# Streams that are read together
LOAD_STREAMS = 200
LOAD_EVENTS = 200  # of one stream; the rest of a longer one is read apart
LOAD_BYTES = 8 * 2**20
LONG_EVENTS = 1_000  # a page of a long stream
LONG_AT_ONCE = 2  # long streams that are read at a time
BREATH_EVENTS = 50  # folded in one go, some milliseconds

# Snapshots
SNAPSHOT_EVENTS = 1_000  # of a stream that has none
SNAPSHOT_AGAIN = 200  # events since the last one
SNAPSHOT_BYTES = 2**20  # a state larger than this has none
SNAPSHOTS_WAITING = 32
SNAPSHOT_OTHER_CODE_DAYS = 7  # how long other releases' are left to them

# Keys of personal fields, at one instance
KEYS_AT_HAND = 50_000  # each way
KEY_SECONDS = 60.0  # it opens fields under a key that another one may have erased
LOOKED_UP_AT_ONCE = 200  # callers whose keys are looked up and made together
SKEW_SECONDS = 5  # by so much the clocks of database and department may differ
KEY_CONNECTIONS = 2
MOST_NEEDED = 1_000  # keys that a provider is asked for at once
NOTE_AFTER = 10.0  # seconds after which a key that has not come is told to operators

# Numbering
NUMBER_EVENTS = 2_000

# Pages of a build and of timers
BUILD_BYTES = 16 * 2**20
