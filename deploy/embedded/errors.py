"""What can go wrong with an embedded server."""


class ServerFailed(RuntimeError):
    """An embedded server did not come up; the message says why and ends with the tail of its log."""


class TooSlow(ServerFailed):
    """It runs and was not ready in time. It is ended; a later start may be quicker."""


class NotInstalled(ServerFailed):
    """The server's program is not in this environment; the message says how to get it."""


class InUse(ServerFailed):
    """Another living runner uses the same directory: stop that one first."""
