"""What each family of rules looks at."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import Literal

import msgspec

from headgate_schema.callback import Callback
from headgate_schema.comments import Ignore
from headgate_schema.contract import Call, Owner, grant_permissions
from headgate_schema.decode import Misfit, MisfitKind
from headgate_schema.document import Document
from headgate_schema.finding import Place, Related, Severity
from headgate_schema.gaps import Gaps
from headgate_schema.jobs import Job
from headgate_schema.model import Manifest
from headgate_schema.reach import Reached
from headgate_schema.resolved import ResolvedManifest
from headgate_schema.span import Path


class Shape(msgspec.Struct, frozen=True):
    """HG1xx: a manifest's file and what in it does not fit the schema."""

    file: str
    misfits: tuple[Misfit, ...]

    def select(self, kind: MisfitKind) -> Iterator[tuple[Misfit, Place]]:
        """Give the misfits of one kind with their places."""
        for misfit in self.misfits:
            if misfit.kind == kind:
                yield misfit, Place(self.file, misfit.path, misfit.part)


class Sense(msgspec.Struct, frozen=True):
    """HG2xx and HG3xx: a manifest as written and with every default explicit.

    At its gaps it says nothing that was written: a rule asks ``knows`` about every place on which a problem
    rests beside the one it points to.
    """

    file: str
    manifest: Manifest
    resolved: ResolvedManifest
    gaps: Gaps = Gaps()

    def knows(self, *path: str | int) -> bool:
        """Tell whether all of a value is what was written, or left out, there."""
        return not self.gaps.touch(path)

    def knows_names(self, kind: Literal["environments", "builds", "deploys"]) -> bool:
        """Tell whether a list has no names but those of the manifest."""
        return not self.gaps.hide_name(kind)

    def place(self, *path: str | int) -> Place:
        """Name a value of the manifest."""
        return Place(self.file, path)

    def key(self, *path: str | int) -> Place:
        """Name a key of the manifest."""
        return Place(self.file, path, "key")


class Visit(msgspec.Struct, frozen=True):
    """A file that a call of the manifest reaches; ``can_write``: called with a permission to write."""

    call: Call
    callback: Callback
    can_write: bool

    def may_write(self, job: Job) -> bool:
        """Tell whether a job has a permission to write: its own, the file's, or what that is called with."""
        for said in (job.may_write, self.callback.may_write):
            if said is not None:
                return said
        return self.can_write


class Calling(msgspec.Struct, frozen=True, dict=True):
    """HG4xx to HG6xx: what the manifest calls, and the files that this reaches.

    Every rule goes through the calls again: how they are grouped is kept (``dict`` lets it be).
    """

    document: Document
    resolved: ResolvedManifest
    calls: tuple[Call, ...]
    reached: Reached

    @property
    def callbacks(self) -> Mapping[str, Callback | None]:
        """The files that the manifest names (``None``: there is no such file)."""
        return self.reached.callbacks

    def select(self) -> Iterator[tuple[Call, Callback]]:
        """Give every call of a file that can be called."""
        yield from self._selected

    @cached_property
    def _selected(self) -> tuple[tuple[Call, Callback], ...]:
        found = ((call, self.callbacks[call.callback]) for call in self.calls)
        return tuple((call, each) for call, each in found if each is not None and each.is_callable)

    def group(self) -> Iterator[tuple[tuple[Call, ...], Callback]]:
        """Give the same, all calls of one file by one owner together."""
        yield from self._groups

    @cached_property
    def _groups(self) -> tuple[tuple[tuple[Call, ...], Callback], ...]:
        groups: dict[tuple[Path, str], tuple[list[Call], Callback]] = {}
        for call, callback in self._selected:
            groups.setdefault((call.owner.path, callback.file), ([], callback))[0].append(call)
        return tuple((tuple(calls), callback) for calls, callback in groups.values())

    def select_once(self) -> Iterator[tuple[Call, Callback]]:
        """Give each file that can be called, with the first of its calls."""
        seen = set()
        for call, callback in self.select():
            if callback.file not in seen:
                seen.add(callback.file)
                yield call, callback

    def visit(self) -> Iterator[Visit]:
        """Give each file that is reached, those that callbacks call too, with the first call that leads
        there, once as it is called with and once as it is called without a permission to write.
        """
        seen = set()
        for calls, callback in self.group():
            granted = grant_permissions(calls[0].owner, callback)
            can_write = granted == "write-all" or (granted != "read-all" and "write" in granted.values())
            waiting = [Visit(calls[0], callback, can_write)]
            while waiting:
                visit = waiting.pop(0)
                if (visit.callback.file, visit.can_write) in seen:
                    continue
                seen.add((visit.callback.file, visit.can_write))
                yield visit
                for job, file in self.reached.list_called(visit.callback.file):
                    nested = self.reached.find(file)
                    if nested is not None and nested.is_callable:
                        waiting.append(Visit(calls[0], nested, visit.may_write(job)))

    def owners(self) -> tuple[Owner, ...]:
        """List everything in the manifest that calls."""
        notify = (self.resolved.notify,) if self.resolved.notify is not None else ()
        return (*self.resolved.builds, *self.resolved.deploys, *notify)

    def find_all(self, owner: Owner) -> tuple[Callback, ...] | None:
        """Give every callback of an owner; ``None`` if one of them can't be looked into."""
        files = dict.fromkeys(call.callback for call in self.calls if call.owner is owner)
        found = tuple(
            callback for file in files if (callback := self.callbacks[file]) and callback.is_callable
        )
        return found if len(found) == len(files) else None

    def outputs(self) -> Mapping[str, Collection[str]]:
        """Give the outputs that each build's callback declares; of a callback that can be looked into."""
        found = ((build.name, self.callbacks.get(build.callback)) for build in self.resolved.builds)
        return {name: item.outputs for name, item in found if item is not None and item.is_callable}

    def place_call(self, call: Call) -> Place:
        """Name where the manifest chooses the file of a call; its owner's name where convention does."""
        inherited: Path = (*call.path[:-1], "cutover_callback") if call.action == "switchback" else call.path
        for path in (call.path, inherited, (*call.owner.path, "callback"), (*call.owner.path, "name")):
            if self.document.has(path):
                return Place(self.document.name, path)
        return Place(self.document.name, call.owner.path)

    def relate_call(self, call: Call) -> Related:
        """Point from a callback file to where the manifest names it."""
        return Related(self.place_call(call), f'called for "{call.action}" here')

    def place_owner(self, owner: Owner, field: str) -> Place:
        """Name a field of an owner, or the owner's name where the field is not written."""
        path = (*owner.path, field)
        return Place(self.document.name, path, "key") if self.document.has(path) else self._place_name(owner)

    def _place_name(self, owner: Owner) -> Place:
        path = (*owner.path, "name")
        return Place(self.document.name, path if self.document.has(path) else owner.path)


class Ignoring(msgspec.Struct, frozen=True):
    """HG016 and HG017: the comments that ignore warnings, the severity of every code, what was ignored where
    (file, line, code), and whether an ignore without effect is known to have none.
    """

    ignores: tuple[Ignore, ...]
    severities: Mapping[str, Severity]
    ignored: frozenset[tuple[str, int, str]]
    skipped: tuple[str, ...]
    is_complete: bool


def place_in(callback: Callback, path: Path) -> Place:
    """Name a key of a callback file."""
    return Place(callback.file, path, "key")
