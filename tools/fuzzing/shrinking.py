"""A trial that fails → a small one that fails alike."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from pathlib import Path

import msgspec

from tools.fuzzing.trial import Trial

Run = Callable[[Trial], None]


def find_failure(trial: Trial, run: Run) -> str:
    """Run a trial and give what tells its failure from others: the exception, and where in our code it came
    from; empty if there is none.
    """
    try:
        run(trial)
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if "headgate" in frame.filename] or frames
        return f"{type(error).__name__} in {Path(ours[-1].filename).name}:{ours[-1].name}"
    return ""


def shrink(trial: Trial, run: Run, seconds: float) -> Trial:
    """Take away lines, then bytes, as long as the failure stays the same and the time lasts."""
    failure, deadline = find_failure(trial, run), time.monotonic() + seconds

    def fails(candidate: Trial) -> bool:
        return time.monotonic() < deadline and find_failure(candidate, run) == failure

    for field in ("workflow", "manifest"):
        for split in (_split_lines, _split_bytes):
            trial = _shrink_field(trial, field, split, fails)
    return trial


def _split_lines(content: bytes) -> list[bytes]:
    return content.splitlines(keepends=True)


def _split_bytes(content: bytes) -> list[bytes]:
    return [bytes([byte]) for byte in content]


def _shrink_field(
    trial: Trial, field: str, split: Callable[[bytes], list[bytes]], fails: Callable[[Trial], bool]
) -> Trial:
    kept = _shrink(split(getattr(trial, field)), lambda parts: fails(_replace(trial, field, parts)))
    return _replace(trial, field, kept)


def _replace(trial: Trial, field: str, parts: list[bytes]) -> Trial:
    return msgspec.structs.replace(trial, **{field: b"".join(parts)})


def _shrink(parts: list[bytes], fails: Callable[[list[bytes]], bool]) -> list[bytes]:
    """Leave out ever smaller runs of parts: delta debugging without its subsets."""
    size = len(parts)
    while size:
        start = 0
        while start < len(parts):
            without = parts[:start] + parts[start + size :]
            if fails(without):
                parts = without
            else:
                start += size
        size //= 2
    return parts
