"""What can go wrong with provisioning; the message is for whoever typed the command."""

from deploy.runner.errors import StackError


class FileUnusable(StackError):
    """No file to provision from; the message says why."""


class DepartmentSaidNo(StackError):
    """A department does not answer, or refuses the request as a whole."""
