"""A module's own statements and classes."""
import sys
from collections import OrderedDict, deque
from typing import Any, Callable, Dict, List, Optional

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal
__all__ = ["Required", "Missing", "Settings", "Hidden"]
Required = Ellipsis
Missing = ...
LIMITS = {"low": 1, "high": sys.maxsize}


def quoted(value: "Settings", names: "List[str]") -> Optional["Settings"]:
    return value


def called(function: Callable[..., None], table: Dict[str, List[int]], rest: Any = None) -> "Callable[[Any], 'Settings']":
    return function


class Base:
    def __private(self, value):
        return value

    def public(self, value):
        return self.__private(value)


class Meta(type):
    pass


class Settings(Base, metaclass=Meta):
    """Settings, with annotations."""
    __slots__ = ("name",)
    limit: int = 3
    names: "List[str]"
    table: Dict[str, Any] = {}

    @classmethod
    def make(cls, *names: str, **rest: Any) -> "Settings":
        return cls()

    @staticmethod
    def plain(value=Required, other=...):
        return value, other


class Hidden(OrderedDict):
    kind = deque(maxlen=3)

    class Inner(Base):
        depth = 1
