import inspect
import re

from qa_service import errors
from qa_service.errors import QAError

_BRANCH = re.compile(r"^    (?P<indent>[│ ├└─]*)(?P<name>\w+Error)\b", re.MULTILINE)


def test_the_tree_drawn_is_the_tree_there_is() -> None:
    drawn: dict[str, str] = {}
    above: list[str] = []  # the name at each depth
    for match in _BRANCH.finditer(errors.__doc__ or ""):
        depth = len(match["indent"]) // 4
        above[depth:] = [match["name"]]
        drawn[match["name"]] = above[depth - 1] if depth else "Exception"
    classes = dict(inspect.getmembers(errors, inspect.isclass))
    assert drawn == {name: cls.__bases__[0].__name__ for name, cls in classes.items()}


def test_every_error_is_one_family_and_says_what_it_means() -> None:
    classes = dict(inspect.getmembers(errors, inspect.isclass)).values()
    assert all(issubclass(cls, QAError) and (cls.__doc__ or "").endswith(".") for cls in classes)
