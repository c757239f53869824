"""`python -m tests.model [disturbances] [setup…]`: explore, and say how much there was to see.

One disturbance takes seconds, two take minutes, three take hours.
"""

from __future__ import annotations

import sys
import time

from headgate_runtime.machine import TABLES

from tests.model.explore import explore
from tests.model.setups import CROWDED


def main(arguments: list[str]) -> int:
    """Explore the named setups, or all; 1 when something is wrong."""
    disturbances = int(arguments[0]) if arguments else 1
    chosen = [setup for setup in CROWDED if not arguments[1:] or setup.name in arguments[1:]]
    taken: set[tuple[str, str, str, str]] = set()
    wrong = 0
    for setup in chosen:
        begun = time.monotonic()
        seen = explore(setup, disturbances)
        taken |= seen.rows
        spent = time.monotonic() - begun
        print(
            f"{setup.name}: {seen.states} states, {seen.transitions} transitions, {spent:.0f} s", flush=True
        )
        if seen.found:
            wrong = 1
            print(seen.found)
    rows = {(strategy, row.state, row.event, row.to) for strategy, table in TABLES.items() for row in table}
    print(f"rows of the machine that were taken: {len(rows & taken)} of {len(rows)}; never:")
    print("\n".join("  {}: {} {} → {}".format(*row) for row in sorted(rows - taken)))
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
