"""Payloads as they should be, with a part or two missing, of another type, null, too deep, too large or half a text."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Final

from hypothesis import strategies as st

_MISSING: Final = object()
_DEEPEST: Final = 10
"""Of a part that is replaced: no sample is deeper."""


def _nested(depth: int, *, in_lists: bool) -> Any:
    nest: Any = "x"
    for _ in range(depth):
        nest = [nest] if in_lists else {"a": nest}
    return nest


ODD: Final[tuple[Any, ...]] = (
    None, True, 0, -1, 0.5, 2**63, 10**30, float("inf"), float("nan"), "", "x", "x" * 5_000, "9" * 5_000, "\ud800",
    "\x00", "\x01person\x02U1\x03", "<!channel>", "{}", "7\n", [], {}, [None], [{}], {"\x00": "\ud800"},
    _nested(200, in_lists=False), _nested(400, in_lists=True),
)  # fmt: skip
"""Values of any type in the place of any other."""

ANYTHING: Final = st.recursive(
    st.sampled_from(ODD) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def _paths(of: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if at:
        yield at
    inner = of.items() if isinstance(of, Mapping) else enumerate(of) if isinstance(of, list) else ()
    if len(at) == _DEEPEST:
        return
    for key, value in inner:
        yield from _paths(value, (*at, key))


def bent_once(whole: Any) -> Iterator[Any]:
    """Yield a sample as often as a part of it can be odd in one way or missing."""
    for path in _paths(whole):
        for value in (*ODD, _MISSING):
            one = copy.deepcopy(whole)
            _replace(one, path, value)
            yield one


def bent(*samples: Any) -> st.SearchStrategy[Any]:
    """Return the samples, with up to three parts replaced, removed or added."""

    @st.composite
    def draw_one(draw: st.DrawFn) -> Any:
        whole = copy.deepcopy(draw(st.sampled_from(samples)))
        for _ in range(draw(st.integers(1, 3))):
            paths = list(_paths(whole))
            if not paths:
                return draw(ANYTHING)
            _replace(whole, draw(st.sampled_from(paths)), draw(st.just(_MISSING) | ANYTHING))
        return whole

    return draw_one()


def _replace(whole: Any, path: tuple[Any, ...], value: Any) -> None:
    for key in path[:-1]:
        whole = whole[key]
    if value is _MISSING:
        del whole[path[-1]]
    else:
        whole[path[-1]] = copy.deepcopy(value)  # of which a part may be replaced next
