"""How fast the API is: against the database itself, and against other ways to serve the same data.

`uv run python -m benchmarks` builds the data, starts every server on one PostgreSQL, checks
that all answer the same, drives them in turn, and prints what it saw. `docs/decisions/performance.md`
says what is measured, and holds the table of a real run.

- `data` makes the rows, `database` puts them into PostgreSQL or SQLite;
- `works` holds what is asked of each server, `answers` what its answers must have in common;
- `peers/` holds the other servers, `servers` starts them all, `processes` watches them, `node` installs those of Node;
- `load` sends the requests, `rounds` says what is seen of each, `run` who is driven when;
- `seen` holds what came of it, `report` prints it.

Nothing here is part of what is served. Everything may be imported, also from the tests, whose
PostgreSQL is used.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests"))
