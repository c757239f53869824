"""What was played, for people: one line per event and per call, and where it ended. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from headgate_runtime.record import Record
from headgate_schema.model.duration import show_duration

from headgate.simulate.play import Calling, Played, Told


def show_played(played: Played) -> str:
    """Give the trace: times from the beginning, events by their subject, calls with what they receive."""
    lines = [f"{played.release} goes to {played.environment}", ""]
    lines += [_show(entry) for entry in played.trace]
    lines += ["", *(line for record in played.records for line in _show_end(record))]
    lines += [f"{job} never came about" for job in played.unused]
    return "\n".join(lines) + "\n"


def _show(entry: Told | Calling) -> str:
    time = f"{show_duration(entry.time):>8}"
    if isinstance(entry, Told):
        return f"{time}  {entry.subject}"
    told = entry.called.told
    action = told.pop("action")
    inputs = ", ".join(f"{name} {value}" for name, value in told.items())
    ended = "" if entry.called.result == "success" else f" → {entry.called.result}"
    return f"{time}    {entry.called.deploy} calls {action} ({inputs}){ended}"


def _show_end(record: Record) -> Iterator[str]:
    place = f"{record.environment}/{record.deploy}"
    live = f"live is {record.live.id}" if record.live else "nothing is live"
    if record.open is not None:
        cause = f" ({record.open.cause})" if record.open.cause else ""
        yield f"{place}: {record.open.state}{cause}; {live}"
    elif record.last:
        yield f"{place}: {record.last[0].state}; {live}"
    else:
        yield f"{place}: {live}"
    if record.queued is not None:
        yield f"{place}: {record.queued.release.id} is queued"
    if record.quarantine:
        yield f"{place}: in quarantine: {', '.join(record.quarantine)}"
