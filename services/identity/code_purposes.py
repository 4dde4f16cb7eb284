"""What codes by phone are good for at identity."""

from collections.abc import Mapping
from types import MappingProxyType

from shared.department.codes import Purpose
from shared.standards.text import Text

SIGN_UP = Purpose("sign_up", Text("注册账户", "opening an account"))
SIGN_IN = Purpose("sign_in", Text("登录", "signing in"))

PURPOSES: Mapping[str, Purpose] = MappingProxyType({one.name: one for one in (SIGN_UP, SIGN_IN)})
