#!/usr/bin/env python3
"""Measures the lessons' programs side by side with the tools that a user would take instead.

    python3 benches/peers/run.py [JOB...] [--rounds N] [--quick]

Ours and theirs take turns: A B C, A B C. What is measured is added to docs/src/measured/peers.json, job by job, and the
tables and the chart are written again from all that is there.
"""

import argparse
import datetime
import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

# Before our own modules: the sources' folder stays as it is.
sys.dont_write_bytecode = True

import report
import tools
from jobs import JOBS
from measure import measure

MEASURED = tools.ROOT / "docs/src/measured"

# Who takes longer than this, in seconds, is asked only so often: it is far behind, and others wait.
SLOW = [(60.0, 1), (15.0, 2)]


def machine() -> dict:
    names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": names[0].partition(":")[2].strip() if names else platform.machine(),
        "kernel": platform.release().partition("-")[0],
    }


def run(job, rounds: int, quick: bool) -> dict:
    """One job: its rounds, and what came of them."""
    print(f"--- {job.name}: {job.title}", flush=True)
    rows = []
    scratch = tools.scratch() / "out"
    with job.open(quick) as contestants:
        for contestant in contestants:
            rows.append({"name": contestant.name, "note": contestant.note, "wall": [], "cpu": [], "memory": []})
            if missing := contestant.missing or tools.without([str(contestant.command[0])]):
                rows[-1]["missing"] = missing
                print(f"{contestant.name:24} {missing}", flush=True)
        for turn in range(rounds):
            for row, contestant in zip(rows, contestants):
                enough = any(turn >= times and min(row["wall"], default=0) > slow for slow, times in SLOW)
                if "missing" in row or enough:
                    continue
                shutil.rmtree(scratch, ignore_errors=True)
                scratch.mkdir(parents=True)
                command = [str(word).replace("{out}", str(scratch)) for word in contestant.command]
                # With this set, each error of a Rust program costs a backtrace. Few users have it.
                plain = {name: value for name, value in os.environ.items() if name != "RUST_BACKTRACE"}
                settings = {"cwd": scratch, "env": plain | contestant.env}
                cost = measure(command, tools.PLACE / "log", **settings)
                if cost.status not in contestant.statuses:
                    row["missing"] = f"ended with status {cost.status}"
                    print(cost.out[-2000:], file=sys.stderr)
                    continue
                row["wall"].append(round(cost.wall, 4))
                row["cpu"].append(round(cost.cpu, 4))
                row["memory"].append(round(cost.memory, 1))
                row["outcome"] = contestant.outcome(cost.out, scratch)
                print(
                    f"{contestant.name:24} {cost.wall:7.3f} s wall {cost.cpu:7.3f} s cpu {cost.memory:7.1f} MiB  {row['outcome']}",
                    flush=True,
                )
    shutil.rmtree(tools.scratch(), ignore_errors=True)
    date = datetime.date.today().isoformat()
    result = {"title": job.title, "quick": quick, "date": date, "machine": machine(), "rows": rows}
    ours = rows[0].get("outcome")
    for row in rows[1:]:
        if "missing" not in row:
            row["agrees"] = job.agree(ours, row["outcome"])
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = [job.name for job in JOBS]
    parser.add_argument("jobs", nargs="*", metavar="JOB", help=f"one of {', '.join(names)} [default: all]")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is run [default: 3]")
    parser.add_argument("--quick", action="store_true", help="one round of small jobs: whether it works, not how fast")
    parser.add_argument("--no-build", action="store_true", help="take what is built and set up already")
    parser.add_argument("--write-only", action="store_true", help="only write tables and chart again")
    args = parser.parse_args()
    if unknown := set(args.jobs) - set(names):
        parser.error(f"no job {', '.join(sorted(unknown))}: there are {', '.join(names)}")
    where = tools.PLACE / "quick" if args.quick else MEASURED
    where.mkdir(parents=True, exist_ok=True)
    file = where / "peers.json"
    all_of_it = json.loads(file.read_text()) if file.exists() else {"jobs": {}}
    if not (args.write_only or args.no_build):
        lessons = ["async-scrape", "ping", "cpu-bound", "locks", "philosophers", "imgproc"]
        packages = [word for name in ["benches", *lessons] for word in ("-p", name)]
        examples = [word for name in ("server", "counter", "dinner") for word in ("--example", f"peer_{name}")]
        # In one command: two would build some dependencies twice, with other features.
        subprocess.run(["cargo", "build", "--release", "-q", *packages, "--bins", *examples], cwd=tools.ROOT, check=True)
        tools.set_up()
    for job in JOBS:
        if args.write_only or (args.jobs and job.name not in args.jobs):
            continue
        all_of_it["jobs"][job.name] = run(job, 1 if args.quick else args.rounds, args.quick)
        all_of_it["versions"] = tools.versions()
        # In the order of the jobs, whichever was measured last.
        all_of_it["jobs"] = {name: all_of_it["jobs"][name] for name in names if name in all_of_it["jobs"]}
        file.write_text(json.dumps(all_of_it, indent=1) + "\n")
    (where / "peers.md").write_text(report.tables(all_of_it))
    (where / "targets.md").write_text(report.targets(all_of_it))
    (where / "peers.svg").write_text(report.chart(all_of_it))
    print(f"\nwritten: {where}/peers.md, targets.md, peers.json, peers.svg")
    disagree = [
        f"{name}: {row['name']}"
        for name, job in all_of_it["jobs"].items()
        for row in job["rows"]
        if row.get("agrees") is False
    ]
    for words in disagree:
        print(f"error: {words} does not agree with ours", file=sys.stderr)
    return 1 if disagree else 0


if __name__ == "__main__":
    sys.exit(main())
