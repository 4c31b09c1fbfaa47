"""The `coalition` command as a process of its own, and a server it runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = Path(sys.executable).with_name("coalition")
ADDRESS = re.compile(r"http://\S+")
ENDS_WITHIN_SECONDS = 20


def coalition(*arguments: str, cwd: Path | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end; `settings` are those of the environment, without their prefix."""
    return subprocess.run(
        [COMMAND, *arguments],
        cwd=cwd,
        env=environment(**settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def environment(**settings: str) -> dict[str, str]:
    """Give this process's environment with these settings in place of its own."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("COALITION_")}
    return others | {f"COALITION_{name.upper()}": value for name, value in settings.items()}


@contextmanager
def serving(*arguments: str, cwd: Path | None = None, **settings: str) -> Iterator[str]:
    """Give the address of a server on a free port of this machine, for as long as the block lasts."""
    command = [str(COMMAND), "serve", "--port", "0", *arguments]
    with subprocess.Popen(command, cwd=cwd, env=environment(**settings), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = ADDRESS.search(process.stdout.readline())
            assert found is not None, "the server did not start"
            yield found[0]
        finally:
            process.terminate()
            process.wait(ENDS_WITHIN_SECONDS)
