"""Fetches and builds the peers, into target/peers. What can't be had is left out, with a reason; it is no error."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PLACE = ROOT / "target" / "peers"
OURS = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
VENV = PLACE / "venv"

# The program that is looked for, and the Debian package that has it.
DEBIAN = {
    "/usr/bin/wget2": "wget2",
    "/usr/bin/curl": "curl",
    "/usr/bin/hey": "hey",
    "/usr/bin/gcc": "gcc",
    "/usr/bin/g++": "g++",
    "/usr/bin/go": "golang-go",
    "/usr/bin/mogrify": "imagemagick",
    "/usr/lib/x86_64-linux-gnu/libvips.so.42": "libvips42",
    "/usr/share/doc/python3-doc/html/index.html": "python3-doc",
    "/usr/sbin/nginx": "nginx-light",
    "/usr/share/doc/rust-doc/html": "rust-doc",
    "/usr/share/doc/postgresql-doc": "postgresql-doc",
    "/usr/share/doc/apache2-doc": "apache2-doc",
}


def scratch() -> Path:
    """Where results are written: to memory, where there is such a file system. On a disk, what was deleted after one run
    makes the next one slower (ext4 steps around inodes that were freed a moment ago): whoever comes later would pay."""
    memory = Path("/dev/shm")
    place = memory / "peers" if os.access(memory, os.W_OK) else PLACE / "scratch"
    place.mkdir(parents=True, exist_ok=True)
    return place


def quiet(*command: str, **settings) -> str | None:
    """None if it worked, or the last line that it printed."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **settings)
    except OSError as error:
        return str(error)
    if done.returncode == 0:
        return None
    return (done.stdout.strip().splitlines() or ["it failed and said nothing"])[-1]


def set_up() -> None:
    PLACE.mkdir(parents=True, exist_ok=True)
    missing = [package for path, package in DEBIAN.items() if not Path(path).exists()]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet("apt-get", "update")
        for package in missing:
            if why := quiet("apt-get", "install", "-y", "--no-install-recommends", package):
                print(f"no {package}: {why}", file=sys.stderr)
    requirements = HERE / "requirements.txt"
    stamp = VENV / "installed.txt"
    if not stamp.exists() or stamp.read_text() != requirements.read_text():
        why = quiet(sys.executable, "-m", "venv", str(VENV))
        why = why or quiet(str(VENV / "bin/pip"), "install", "-q", "-r", str(requirements))
        if why:
            print(f"no Python packages: {why}", file=sys.stderr)
        else:
            stamp.write_text(requirements.read_text())
    for name, command in {
        "primes": ["gcc", "-O3", "-fopenmp", "cpu_bound/primes.c"],
        "counter-c": ["gcc", "-O3", "-pthread", "locks/counter.c"],
        "counter-cpp": ["g++", "-O3", "-std=c++20", "-pthread", "locks/counter.cpp"],
        "dinner": ["gcc", "-O3", "-pthread", "philosophers/dinner.c"],
        "counter-go": ["go", "build", "locks/counter.go"],
        "dinner-go": ["go", "build", "philosophers/dinner.go"],
        "pings-go": ["go", "build", "ping/pings.go"],
    }.items():
        target = PLACE / name
        source = HERE / command[-1]
        if not source.exists() or (target.exists() and target.stat().st_mtime > source.stat().st_mtime):
            continue
        at = 2 if command[0] == "go" else 1
        if why := quiet(*command[:at], "-o", str(target), *command[at:], cwd=HERE):
            print(f"no {name}: {why}", file=sys.stderr)


def python(script: str, *arguments) -> list[str]:
    return [str(VENV / "bin/python"), str(HERE / script), *map(str, arguments)]


def without(command: list[str], *modules: str) -> str | None:
    """Why this can't be run, if it can't."""
    if not shutil.which(command[0]):
        return f"{Path(command[0]).name} is not here"
    if modules:
        return quiet(command[0], "-c", f"import {', '.join(modules)}")
    return None


def version(*command: str) -> str:
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    except OSError:
        return "not here"
    number = re.search(r"\d+(\.\d+)+", done.stdout)
    return number[0] if number else "not here"


def versions() -> dict[str, str]:
    every = {
        "rustc": version("rustc", "--version"),
        "gcc": version("gcc", "--version"),
        "go": version("go", "version"),
        "wget2": version("wget2", "--version"),
        "curl": version("curl", "--version"),
        "hey": version("dpkg-query", "-W", "-f", "${Version}", "hey"),
        "ImageMagick": version("/usr/bin/convert", "--version"),
        "libvips": version("dpkg-query", "-W", "-f", "${Version}", "libvips42"),
        "python": version(str(VENV / "bin/python"), "--version"),
    }
    for line in (HERE / "requirements.txt").read_text().splitlines():
        name, _, number = line.partition("==")
        every[name] = number
    return every
