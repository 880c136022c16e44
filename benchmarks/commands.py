"""Whole commands on the sample park, as a user runs them: wall and CPU seconds, peak memory.

Run: ``python benchmarks/commands.py``. Each command runs five times; the median is printed.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 5
# In a process of its own: a child's peak memory counts what its parent held when it was started.
MAKE = "import sys; from pathlib import Path; from parkgeo.sample import write_sample; write_sample(Path(sys.argv[1]))"


def measure(arguments: list[str]) -> tuple[float, float, float]:
    """Median wall seconds, CPU seconds and peak MB of a command."""
    figures = []
    for _ in range(RUNS):
        start = time.perf_counter()
        process = subprocess.Popen([sys.executable, "-m", "parkgeo", *arguments], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        if status:
            sys.exit(f"{arguments} ended with {status}")
        figures.append((wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024))
    wall, cpu, memory = (statistics.median(column) for column in zip(*figures, strict=True))
    return wall, cpu, memory


def main() -> None:
    """Print a line a command."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-c", MAKE, str(Path(folder) / "sample")], check=True)
        project = str(Path(folder) / "sample" / "park.toml")
        workspace = str(Path(folder) / "workspace")
        commands = {
            "parkgeo --help": ["--help"],
            "parkgeo check": ["check", project],
            "parkgeo analyze": ["analyze", project, "-w", workspace],
            "parkgeo explain": ["explain", "330599001032GB00007", "-w", workspace],
            "parkgeo map": ["map", "-w", workspace, "-o", str(Path(folder) / "map.html")],
            "parkgeo export register": [
                "export",
                "register",
                "-w",
                workspace,
                "-o",
                str(Path(folder) / "r.xlsx"),
            ],
        }
        for name, arguments in commands.items():
            wall, cpu, memory = measure(arguments)
            print(f"{name:26} wall {wall:5.2f} s   CPU {cpu:5.2f} s   peak {memory:4.0f} MB")


if __name__ == "__main__":
    main()
