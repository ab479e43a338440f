"""What is measured: jobs, and for each of them the programs that do it. The first of them is ours."""

import contextlib
import hashlib
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tools import OURS, PLACE, python, without


@dataclass
class Contestant:
    name: str
    command: list
    "{out} stands for an empty folder."
    outcome: Callable[[str, Path], object]
    "From what it printed and the folder: what must agree with ours."
    note: str = ""
    missing: str | None = None
    "Why it can't be had."
    statuses: tuple = (0,)
    env: dict = field(default_factory=dict)


@dataclass
class Job:
    name: str
    title: str
    open: Callable[[bool], contextlib.AbstractContextManager[list[Contestant]]]
    agree: Callable[[object, object], bool] = lambda ours, theirs: ours == theirs


@contextlib.contextmanager
def server(*command: str) -> Iterator[str]:
    """A server, and its address, which is the first thing that it prints."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield process.stdout.readline().split()[0]
    finally:
        process.kill()
        process.wait()


def last_line(out: str, _: Path) -> str:
    return (out.strip().splitlines() or [""])[-1]


# --- crawls


def pages(_: str, folder: Path) -> str:
    """The HTML files: how many different ones, and a hash of all. Names may differ, contents may not."""
    hashes = set()
    for path in folder.rglob("*"):
        if path.is_file() and ".crawl" not in path.parts:
            body = path.read_bytes()
            if b"<html" in body[:1000].lower() and b"</html>" in body[-100:].lower():
                hashes.add(hashlib.sha256(body).digest())
    return f"{len(hashes)} pages, {hashlib.sha256(b''.join(sorted(hashes))).hexdigest()[:8]}"


def crawl(at_once: int, *serving: str, quick_serving: tuple = ()) -> Callable:
    @contextlib.contextmanager
    def open(quick: bool) -> Iterator[list[Contestant]]:
        depth = "12"
        n = str(at_once)
        arguments = quick_serving if quick and quick_serving else serving
        with server(str(OURS / "examples/peer_server"), *arguments) as url:
            ours = [OURS / "async-scrape", "--url", url, "--depth", depth, "--concurrency", n, "--per-host", n]
            wget2 = ["/usr/bin/wget2", "-q", "-r", "-l", depth, "--max-threads", n, url]
            bs4 = python("async_scrape/aiohttp_bs4.py", url, "{out}", n, depth)
            lxml = python("async_scrape/aiohttp_lxml.py", url, "{out}", n, depth)
            scrapy = [bs4[0], "-m", "scrapy", "runspider", python("async_scrape/spider.py")[1]]
            scrapy += ["-a", f"url={url}", "-a", "folder={out}", "-s", f"DEPTH_LIMIT={depth}"]
            scrapy += ["-s", f"CONCURRENT_REQUESTS={n}", "-s", f"CONCURRENT_REQUESTS_PER_DOMAIN={n}"]
            yield [
                Contestant("ours", [*ours, "--max-pages", "100000", "--output", "{out}/site"], pages),
                # Status 8: the server said 404 to something, robots.txt at least.
                Contestant("wget2", wget2, pages, missing=without(wget2), statuses=(0, 8)),
                Contestant("aiohttp", bs4, pages, "BeautifulSoup on lxml", without(bs4, "aiohttp", "bs4", "lxml")),
                Contestant("aiohttp-tuned", lxml, pages, "lxml alone, uvloop", without(lxml, "aiohttp", "lxml", "uvloop")),
                Contestant("scrapy", scrapy, pages, missing=without(scrapy, "scrapy")),
            ]

    return open


HTML = "/usr/share/doc/python3-doc/html"

JOBS = [
    Job(
        "pages-20ms",
        "a crawl of 2 000 pages that take 20 ms each, 64 under way",
        crawl(64, "--pages", "2000", "--latency", "20", quick_serving=("--pages", "200", "--latency", "20")),
    ),
    Job(
        "pages-0ms",
        "a crawl of 20 000 pages that take no time, 64 under way",
        crawl(64, "--pages", "20000", quick_serving=("--pages", "500")),
    ),
    Job("python-doc", "a crawl of Python's documentation, 8 under way", crawl(8, "--folder", HTML)),
]
