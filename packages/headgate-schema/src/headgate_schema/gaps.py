"""Where a manifest says nothing that can be relied on, because what stood there did not fit."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from headgate_schema.span import Path


class Gaps(msgspec.Struct, frozen=True):
    """Paths that were set aside; ``around`` holds every path that leads to one of them."""

    paths: frozenset[Path] = frozenset()
    around: frozenset[Path] = frozenset()

    def contain(self, path: Path) -> bool:
        """Tell whether a path is a gap or inside one."""
        return bool(self.paths) and any(path[:length] in self.paths for length in range(len(path) + 1))

    def touch(self, path: Path) -> bool:
        """Tell whether a path is a gap, inside one or around one."""
        return path in self.around or self.contain(path)

    def hide_name(self, kind: str) -> bool:
        """Tell whether the list ``kind`` may have a name that can't be read."""
        return any(path[:1] == (kind,) and path[2:] in ((), ("name",)) for path in self.paths)


def surround(paths: Iterable[Path]) -> Gaps:
    """Make gaps of paths."""
    listed = frozenset(paths)
    return Gaps(listed, frozenset(path[:length] for path in listed for length in range(len(path))))
