"""Runs a program, and says what it cost: wall time, CPU time, memory.

Wall: from before the process is started until it has ended, with everything that its language does to start up. CPU:
user and system time, from wait4: of the process, its threads and all processes that it waited for. Memory: the most at
any moment. A process alone is asked for the kernel's own high-water mark (VmHWM); where there are several, the sum of
their proportional shares (PSS: a page that two of them share counts half for each) is sampled ten times a second.
"""

import os
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Cost:
    wall: float
    "Seconds."
    cpu: float
    "Seconds."
    memory: float
    "MiB."
    status: int
    out: str


def measure(command: list[str], log: Path, limit: float = 200.0, **settings) -> Cost:
    """What the command costs. Its output goes to the file `log`; after `limit` seconds it is killed."""
    with open(log, "wb") as file:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True, **settings)
        done = threading.Event()
        peak = [0.0]
        watcher = threading.Thread(target=_watch, args=(process.pid, done, peak, start + limit))
        watcher.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        done.set()
        watcher.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    text = log.read_text(errors="replace")
    return Cost(wall, usage.ru_utime + usage.ru_stime, peak[0], process.returncode, text)


def _watch(root: int, done: threading.Event, peak: list[float], end: float) -> None:
    pause = 0.001
    while not done.wait(pause):
        pause = 0.02
        tree = _tree(root)
        if len(tree) == 1:
            peak[0] = max(peak[0], _mebibytes(f"/proc/{root}/status", "VmHWM:"))
        else:
            shares = (_mebibytes(f"/proc/{process}/smaps_rollup", "Pss:") for process in tree)
            peak[0] = max(peak[0], sum(shares))
            pause = 0.1
        if time.perf_counter() > end:
            for process in reversed(tree):
                try:
                    os.kill(process, 9)
                except ProcessLookupError:
                    pass


def _tree(root: int) -> list[int]:
    tree = [root]
    for process in tree:
        try:
            for thread in os.listdir(f"/proc/{process}/task"):
                with open(f"/proc/{process}/task/{thread}/children") as children:
                    tree += map(int, children.read().split())
        except OSError:
            pass
    return tree


def _mebibytes(file: str, field: str) -> float:
    """A field of such a file in /proc, which has it in KiB. 0 if the process is gone."""
    try:
        with open(file) as lines:
            for line in lines:
                if line.startswith(field):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0
