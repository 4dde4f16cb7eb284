"""What can go wrong with a stack; the message is for whoever typed the command."""

from deploy.embedded.errors import ServerFailed


class StackError(RuntimeError):
    """Root of what a runner says no to."""


class NoStack(StackError):
    """No stack was ever started in this data directory."""


class NotReady(StackError):
    """A department runs but does not become ready; the message says what it lacks."""


class PortTaken(ServerFailed):
    """Another program listens where a department should."""
