"""What can go wrong with provisioning; the message is for whoever typed the command."""

from collections.abc import Mapping

from deploy.runner.errors import StackError


class FileUnusable(StackError):
    """No file to provision from; the message says why."""


class DepartmentSaidNo(StackError):
    """A department does not answer, or refuses the request as a whole."""


class RequestRefused(DepartmentSaidNo):
    """It answered, and it was no. `code` and `fields` (name -> what is wrong with it) as it gave them."""

    def __init__(self, text: str, code: str, fields: Mapping[str, str]) -> None:
        super().__init__(text)
        self.code = code
        self.fields = fields
