"""Processes: started, ended, and asked what they cost."""

from __future__ import annotations

import contextlib
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil  # type: ignore[import-untyped]

from server.config.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

END_SECONDS = 20
MEBIBYTE = 1 << 20


class Process:
    """A process, with all that it started."""

    def __init__(self, pid: int) -> None:
        self._process: Any = psutil.Process(pid)

    def runs(self) -> bool:
        """Tell whether it is still there."""
        return bool(self._process.is_running() and self._process.status() != psutil.STATUS_ZOMBIE)

    def cpu_seconds(self) -> float:
        """Give the processor time used so far, that of those that ended included."""
        own = self._process.cpu_times()
        spent = own.user + own.system + own.children_user + own.children_system
        for process in self._process.children(recursive=True):
            # One that ends meanwhile is counted among those that ended the next time.
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                spent += times.user + times.system
        return float(spent)

    def memory(self) -> float:
        """Give the memory it holds now by itself, in MiB."""
        return float(self._process.memory_info().rss / MEBIBYTE)

    def peak_memory(self) -> float:
        """Give the most memory it ever held by itself, in MiB; where the system does not tell, what is held now."""
        status = Path(f"/proc/{self._process.pid}/status")
        lines = status.read_text().splitlines() if status.exists() else []
        peaks = [int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")]
        return peaks[0] if peaks else self.memory()


@contextlib.contextmanager
def running(command: Sequence[str | Path], environment: Mapping[str, str], log: Path) -> Iterator[Process]:
    """Run a command as long as the block lasts; what it writes goes into the file `log`."""
    # What stands in our environment is meant for another server.
    others = {name: value for name, value in os.environ.items() if not name.startswith("COALITION_")}
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**others, **environment}, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            yield Process(process.pid)
        finally:
            process.terminate()
            process.wait(END_SECONDS)
