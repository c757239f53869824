"""Names kept free within v1: never valid, and said what for. Opening one later only loosens the schema."""

from __future__ import annotations

from collections.abc import Mapping

_STRATEGIES = {
    "rolling": "a strategy that replaces instances in batches",
    "linear": "a strategy that moves traffic in equal steps",
    "shadow": "a strategy that mirrors traffic to the new release",
}

_STRATEGY_BLOCK = {
    "analysis": "metric queries that decide about a bake",
    "metrics": "metric queries that decide about a bake",
    "on_new_release": "what an open rollout does when a newer release arrives",
    "keep_time": "how long the old release is kept after success",
    "baseline": "a baseline beside the canary to compare it with",
    "mirror": "mirroring traffic to the new release",
    "match": "choosing the canary's traffic by header or cookie",
    "session_affinity": "keeping a visitor on one release",
}

_UNITS = {
    "paths": "skipping what did not change",
    "matrix": "one entry that stands for several",
    "retries": "calling a failed callback again",
    "group": "entries that advance together",
}

RESERVED_KEYS: Mapping[str, Mapping[str, str]] = {
    "Manifest": {
        "components": "several services with a release of their own",
        "hotfix": "a short way to production",
        "windows": "times at which promotions may start",
        "telemetry": "sending traces and metrics of rollouts",
    },
    "Environment": {
        "approval": "a person's yes before anything enters an environment",
        "windows": "times at which promotions may start",
    },
    "Build": _UNITS,
    "Deploy": {**_UNITS, **_STRATEGIES},
    "Canary": _STRATEGY_BLOCK,
    "BlueGreen": _STRATEGY_BLOCK,
    "Step": {
        "approval": "a person's yes between two steps",
        "verify": "checks of one step alone",
    },
    "State": {
        "ref": "keeping the state outside of branches",
        "token": "writing the state with a token of its own",
    },
}
"""By the struct's name: each reserved key and what it is kept for."""

RESERVED_STRATEGIES: Mapping[str, str] = _STRATEGIES
"""Values of ``deploys[].strategy`` that are reserved."""

RESERVED_FORMS: Mapping[str, str] = {
    "callback": "callbacks of other repositories (`owner/repository/.github/workflows/file.yaml@ref`)",
    "duration": "durations that start with `P` (ISO 8601)",
}
"""Forms of a text that are reserved, wherever a callback path or a duration stands."""
