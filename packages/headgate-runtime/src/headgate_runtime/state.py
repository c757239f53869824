"""The typed view of a snapshot of the state branch: records, releases, environments; and courses back to
changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from headgate_runtime.advance import Course
from headgate_runtime.branch import Change
from headgate_runtime.codec import Malformed
from headgate_runtime.errors import StateCorrupt
from headgate_runtime.record import (
    BuiltRelease,
    EnvironmentState,
    Record,
    from_file,
    record_path,
    release_path,
    to_file,
)

RELEASES = "releases/"
ENVIRONMENTS = "environments/"


class Files(Protocol):
    """A snapshot: the files of the branch at one commit."""

    @property
    def commit(self) -> str:
        """The commit."""

    def read(self, path: str) -> bytes | None:
        """The content of a file, or None."""

    def paths(self, prefix: str = "") -> tuple[str, ...]:
        """The paths that start so."""


class State:
    """What is, at one commit. Every reader raises StateCorrupt, with file and commit, for a file that can't
    be understood.
    """

    def __init__(self, files: Files, records: Iterable[Record] = ()) -> None:
        """Reads nothing yet; `records` are told instead of those in the files."""
        self.files = files
        self._overlay = {record.path: record for record in records}

    def overlaid(self, records: Iterable[Record]) -> State:
        """The same with these records changed, as they will be after a push."""
        return State(self.files, records)

    def record(self, environment: str, deploy: str) -> Record:
        """The record of one (environment, deploy); an empty one before its first event."""
        path = record_path(environment, deploy)
        if path in self._overlay:
            return self._overlay[path]
        found = self._read(Record, path)
        if found is None:
            return Record(environment, deploy)
        if not isinstance(found, Record) or found.path != path:
            raise StateCorrupt(path, self.files.commit, "it holds the record of another place")
        return found

    def records(self) -> tuple[Record, ...]:
        """Every record there is, also of deploys and environments that the manifest no longer has."""
        return tuple(self.record(*place) for place in self._places())

    def readable_records(self) -> tuple[tuple[Record, ...], tuple[StateCorrupt, ...]]:
        """Every record that can be understood, and what is wrong with each of the others."""
        found = [self._record_or_error(*place) for place in self._places()]
        records = tuple(item for item in found if isinstance(item, Record))
        return records, tuple(item for item in found if isinstance(item, StateCorrupt))

    def _record_or_error(self, environment: str, deploy: str) -> Record | StateCorrupt:
        try:
            return self.record(environment, deploy)
        except StateCorrupt as error:
            return error

    def environment(self, name: str) -> EnvironmentState:
        """The environment's own facts; the defaults before its first event."""
        empty = EnvironmentState(name)
        found = self._read(EnvironmentState, empty.path)
        return found if isinstance(found, EnvironmentState) else empty

    def release(self, name: str) -> BuiltRelease | None:
        """The release of that id, or None."""
        found = self._read(BuiltRelease, release_path(name))
        return found if isinstance(found, BuiltRelease) else None

    def releases(self) -> tuple[BuiltRelease, ...]:
        """Every release that is kept, the newest first."""
        names = (path[len(RELEASES) : -len(".json")] for path in self.files.paths(RELEASES))
        found = [release for release in map(self.release, names) if release is not None]
        return tuple(sorted(found, key=lambda release: release.order, reverse=True))

    def _places(self) -> Iterator[tuple[str, str]]:
        for path in self.files.paths(ENVIRONMENTS):
            environment, _, deploy = path[len(ENVIRONMENTS) : -len(".json")].partition("/")
            if deploy and "/" not in deploy and deploy != "_environment":
                yield environment, deploy

    def _read(self, kind: Any, path: str) -> Record | EnvironmentState | BuiltRelease | None:
        content = self.files.read(path)
        if content is None:
            return None
        try:
            found: Record | EnvironmentState | BuiltRelease = from_file(kind, content)
        except Malformed as error:
            raise StateCorrupt(path, self.files.commit, str(error)) from error
        return found


def changes(*courses: Course) -> tuple[Change, ...]:
    """One change per event of the courses; each leaves the record as it was after that event."""
    return tuple(
        Change(entry.event.subject, entry.event.to_json(), {entry.record.path: to_file(entry.record)})
        for course in courses
        for entry in course.entries
    )
