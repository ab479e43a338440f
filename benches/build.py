#!/usr/bin/env python3
"""How long a student waits for a lesson's first picture: each lesson is built from an empty target
folder, and run once. The crates must be downloaded already (`cargo fetch`).

    python3 benches/build.py                  all lessons, and the table for the book
    python3 benches/build.py imgproc ping     only these, printed and not written

A shim around the compiler notes the CPU time of each crate: with several compilers on two cores,
wall-clock times of single crates would say little.
"""

import datetime
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/src/measured/build.md"

# The lessons, each with arguments that make its run short: the wait is for the build.
LESSONS = {
    "countdown": ["--tick", "1ms"],
    "locks": ["--tick", "1ms"],
    "philosophers": ["--for", "50ms"],
    "cpu-bound": ["--size", "1000000"],
    "ping": ["sequential", "--url", "not a url"],
    "async-scrape": ["--help"],
    "imgproc": [],
}


# What the crates that take longest are there for.
GIVES = {
    "clap-builder": "the command line",
    "hyper": "HTTP: `tasks` of `ping`, the servers of the lessons",
    "hyper-util": "hyper on tokio's sockets",
    "image": "PNG, WebP and BMP",
    "image-webp": "WebP",
    "libjpeg-turbo-rs": "encodes JPEG",
    "memchr": "finds bytes: the crawler's scanner, JSON",
    "miniz-oxide": "PNG, gzip",
    "moxcms": "colour management; `image` can't be had without it",
    "png": "PNG",
    "pxfm": "functions that `moxcms` computes with",
    "reqwest": "HTTP clients: `ping`, the crawler",
    "ring": "the cryptography of https",
    "rustls": "https",
    "serde-core": "traces, notes, messages between processes",
    "serde-derive": "traces, notes, messages between processes",
    "serde-json": "traces, notes, messages between processes",
    "syn": "derive macros: clap's and serde's",
    "tokio": "tasks",
    "encoding-rs": "the charsets of web pages",
    "tiff": "TIFF",
    "timing": "what all lessons share",
    "futures-util": "hyper and reqwest",
    "build-script-build": "all build scripts together",
    "rustix": "temporary files, and the terminal's width",
    "http": "HTTP's types",
}


def shim(command, log):
    """Called by cargo in the place of the compiler: runs it, and notes its CPU time."""
    status = subprocess.run(command).returncode
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Cargo asks the compiler for its settings with a crate of this name.
    names = [name for option, name in zip(command, command[1:]) if option == "--crate-name"]
    for name in set(names) - {"___"}:
        with open(log, "a") as file:
            file.write(json.dumps([name, used.ru_utime + used.ru_stime]) + "\n")
    sys.exit(status)


def measure(lesson):
    """Wall time until the first run has ended, and the CPU seconds of each crate."""
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "crates")
        environment = {
            **os.environ,
            "CARGO_TARGET_DIR": os.path.join(folder, "target"),
            "CARGO_NET_OFFLINE": "true",
            "RUSTC_WRAPPER": os.path.abspath(__file__),
            "BUILD_PY_LOG": log,
        }
        command = ["cargo", "run", "-q", "-p", lesson, "--", *LESSONS[lesson]]
        start = time.monotonic()
        # A lesson may fail on purpose (a URL that is none): it has been built and has run.
        subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        wall = time.monotonic() - start
        crates = {}
        for line in open(log):
            name, seconds = json.loads(line)
            crates[name] = crates.get(name, 0) + seconds
    return wall, crates


def main():
    named = sys.argv[1:] or list(LESSONS)
    rows, heavy = [], {}
    for lesson in named:
        wall, crates = measure(lesson)
        total = sum(crates.values())
        rows.append(f"| `{lesson}` | {wall:.0f} s | {total:.0f} s | {len(crates)} |")
        print(rows[-1], flush=True)
        for name, seconds in crates.items():
            heavy[name] = max(heavy.get(name, 0), seconds)
    today = datetime.date.today().isoformat()
    text = [
        f"`python3 benches/build.py`, {today}, {os.cpu_count()} cores, crates downloaded before:",
        "",
        "| lesson | until its first run has ended | CPU of the compiler | crates compiled |",
        "|---|--:|--:|--:|",
        *rows,
        "",
        "The crates that take longest, in seconds of CPU:",
        "",
        "| crate | seconds | what it gives |",
        "|---|--:|---|",
    ]
    slowest = sorted(heavy.items(), key=lambda item: -item[1])[:24]
    for name, seconds in slowest:
        name = name.replace("_", "-")
        gives = "the lesson itself" if name in LESSONS else GIVES.get(name, "")
        text.append(f"| `{name}` | {seconds:.1f} | {gives} |")
    print("\n".join(text[-len(slowest):]))
    if not sys.argv[1:]:
        PAGE.write_text("\n".join(text) + "\n")


if __name__ == "__main__":
    if "BUILD_PY_LOG" in os.environ:
        shim(sys.argv[1:], os.environ["BUILD_PY_LOG"])
    main()
