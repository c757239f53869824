"""Where a manifest says nothing that can be relied on: what stood there did not fit, or could not be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from headgate_schema.span import Path


class Gaps(msgspec.Struct, frozen=True):
    """Paths that were set aside; ``around`` holds every path that leads to one of them.

    ``partial`` maps the path of a mapping that may have more keys than could be read (a merge key, a key that
    is no text) to those that could: every other key of it is a gap.
    """

    paths: frozenset[Path] = frozenset()
    around: frozenset[Path] = frozenset()
    partial: Mapping[Path, frozenset[str]] = {}

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return bool(self.paths or self.partial)

    def contain(self, path: Path) -> bool:
        """Tell whether a path is a gap or inside one."""
        if not self:
            return False
        return any(path[:length] in self.paths for length in range(len(path) + 1)) or any(
            path[length] not in self.partial.get(path[:length], path) for length in range(len(path))
        )

    def touch(self, path: Path) -> bool:
        """Tell whether a path is a gap, inside one or around one."""
        return path in self.around or self.contain(path)

    def hide_name(self, kind: str) -> bool:
        """Tell whether the list ``kind`` may have a name that can't be read."""
        return self.contain((kind,)) or any(
            path[:1] == (kind,) and path[2:] in ((), ("name",)) for path in self.paths
        )

    def select(self, is_wanted: Callable[[Path], bool]) -> Gaps:
        """Leave out those that are of no interest."""
        partial = {path: keys for path, keys in self.partial.items() if is_wanted(path)}
        return surround((path for path in self.paths if is_wanted(path)), partial)


def surround(paths: Iterable[Path], partial: Mapping[Path, frozenset[str]] | None = None) -> Gaps:
    """Make gaps of paths, and of mappings of which not every key could be read."""
    listed, partial = frozenset(paths), partial or {}
    around = {path[:length] for path in listed for length in range(len(path))}
    around.update(path[:length] for path in partial for length in range(len(path) + 1))
    return Gaps(listed, frozenset(around), partial)


NO_GAPS = Gaps()
