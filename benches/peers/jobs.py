"""What is measured: jobs, and for each of them the programs that do it. The first of them is ours."""

import contextlib
import glob
import hashlib
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tools import NODE, OURS, PLACE, magick, node, python, scratch, without


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
                # Status 1, and wget2's 8: the server said 404 to something. What is there has to be the same.
                Contestant("ours", [*ours, "--max-pages", "100000", "--output", "{out}/site"], pages, "tasks", statuses=(0, 1)),
                Contestant("wget2", wget2, pages, missing=without(wget2), statuses=(0, 8)),
                Contestant("aiohttp", bs4, pages, "BeautifulSoup on lxml", without(bs4, "aiohttp", "bs4", "lxml")),
                Contestant("aiohttp-tuned", lxml, pages, "lxml alone, uvloop", without(lxml, "aiohttp", "lxml", "uvloop")),
                Contestant("scrapy", scrapy, pages, missing=without(scrapy, "scrapy")),
            ]

    return open


NGINX = """
daemon off; worker_processes 1; pid {place}/pid; error_log {place}/log;
events {{ worker_connections 512; }}
http {{
    include /etc/nginx/mime.types; access_log off; sendfile on; keepalive_requests 1000000;
    client_body_temp_path {place}; proxy_temp_path {place}; fastcgi_temp_path {place}; uwsgi_temp_path {place}; scgi_temp_path {place};
    server {{ listen 127.0.0.1:{port}; root {root}; autoindex on;
        # Each of these is a job of its own.
        location ~ ^/(rust|python3|postgresql|apache2)-doc {{ return 404; }} }}
}}
"""


@contextlib.contextmanager
def nginx(root: str) -> Iterator[str]:
    """A server of files that others use, and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    place = PLACE / "nginx"
    place.mkdir(parents=True, exist_ok=True)
    (place / "nginx.conf").write_text(NGINX.format(place=place, port=port, root=root))
    process = subprocess.Popen(["/usr/sbin/nginx", "-c", place / "nginx.conf"], stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait()


def tree(pattern: str) -> Callable:
    """A crawl of a real tree of files, 8 in flight."""

    @contextlib.contextmanager
    def open(quick: bool) -> Iterator[list[Contestant]]:
        found = sorted(glob.glob(pattern))
        depth = "1" if quick else "30"
        missing = without(["/usr/sbin/nginx"]) or (None if found else f"{pattern} is not here")
        with contextlib.nullcontext("http://127.0.0.1:9/") if missing else nginx(found[0]) as url:
            ours = [OURS / "async-scrape", "--url", url, "--depth", depth, "--max-pages", "100000", "--keep-case"]
            ours += ["--output", "{out}/site"]
            wget2 = ["/usr/bin/wget2", "-q", "-r", "-l", depth, "--max-threads", "8", url]
            yield [
                Contestant("ours", [*ours, "tasks"], pages, "tasks", missing, (0, 1)),
                Contestant("ours-threads", [*ours, "threads"], pages, "threads", missing, (0, 1)),
                Contestant("wget2", wget2, pages, missing=missing or without(wget2), statuses=(0, 8)),
            ]

    return open


# --- pings


def answered(out: str, _: Path) -> str:
    """How many answers there were, in whatever words."""
    for pattern in (r"(\d+) of \d+ answered", r"(\d+) answered", r"\[200\]\s+(\d+) responses"):
        if found := re.search(pattern, out):
            return f"{found[1]} answered"
    return f"{len(re.findall(r'^curl: [0-9]{3}$', out, re.M))} answered"


def ping(paths: list[str]) -> Callable:
    @contextlib.contextmanager
    def open(quick: bool) -> Iterator[list[Contestant]]:
        # The course's server, by whoever asks.
        with server(str(OURS / "ping"), "--serve", "127.0.0.1:0") as url:
            urls = [url + path for path in (paths[:20] if quick else paths)]
            many = len(urls)
            listed = PLACE / "urls.txt"
            listed.write_text("\n".join(urls) + "\n")
            config = PLACE / "curl.txt"
            words = 'output = "/dev/null"\nwrite-out = "curl: %{http_code}\\n"'
            config.write_text("\n".join(f'url = "{each}"\n{words}' for each in urls) + "\n")
            threads, tasks = python("ping/threads.py", listed), python("ping/aiohttp_tasks.py", listed)
            curl = ["/usr/bin/curl", "-s", "--no-progress-meter", "--parallel", "--parallel-immediate", "--parallel-max", "300", "-K", config]
            hey = ["/usr/bin/hey", "-n", str(many), "-c", str(many), "-disable-keepalive", urls[0]]
            go = [PLACE / "pings-go", listed]
            one = len(set(urls)) == 1
            yield [
                Contestant("ours", [OURS / "ping", "tasks", "--input", listed], answered, "tasks"),
                Contestant("ours-threads", [OURS / "ping", "threads", "--input", listed], answered, "threads"),
                Contestant("requests", threads, answered, "Python, threads", without(threads, "requests")),
                Contestant("aiohttp", tasks, answered, "Python, tasks", without(tasks, "aiohttp")),
                Contestant("go", go, answered, "goroutines", without(go)),
                Contestant("curl", curl, answered, "--parallel, at most 300 at once", without(curl)),
                Contestant("hey", hey, answered, "Go", without(hey) or (None if one else "it asks one URL only")),
            ]

    return open


# --- cores


@contextlib.contextmanager
def primes(quick: bool) -> Iterator[list[Contestant]]:
    size = str(400_000 if quick else 8_000_000)
    ours = [OURS / "cpu-bound", "--work", "primes", "--size", size]
    openmp = [PLACE / "primes", size]

    def count(out: str, _: Path) -> str:
        return (re.search(r"(\d+) primes", out) or re.search(r"(\d+)", out))[1] + " primes"

    yield [
        Contestant("ours", [*ours, "rayon"], count, "rayon"),
        Contestant("ours-threads", [*ours, "threads"], count, "threads"),
        Contestant("c-openmp", openmp, count, "gcc -O3 -fopenmp", without(openmp)),
    ]


@contextlib.contextmanager
def countdown(quick: bool) -> Iterator[list[Contestant]]:
    size = str(2_000_000 if quick else 200_000_000)
    cpython = python("cpu_bound/countdown.py", size, "2")

    def count(out: str, _: Path) -> str:
        return size if size in out else "another number"

    yield [
        Contestant("ours", [OURS / "cpu-bound", "threads", "--workers", "2", "--size", size], count, "threads"),
        Contestant("cpython", cpython, count, "2 threads, and its lock", without(cpython)),
    ]


def counter(strategy: str) -> Callable:
    @contextlib.contextmanager
    def open(quick: bool) -> Iterator[list[Contestant]]:
        updates = 100_000 if quick else {"mutex": 10_000_000, "atomic": 50_000_000, "local": 1_000_000_000}[strategy]
        job = [strategy, "2", str(updates)]
        lesson = [OURS / "locks", strategy, "--threads", "2", "--updates", updates, "--tick", "0s", "--seed", "1"]
        c, cpp, go = ([PLACE / f"counter-{language}", *job] for language in ("c", "cpp", "go"))

        def count(out: str, _: Path) -> str:
            return (re.search(r"Final counter value: (\d+)", out) or re.search(r"(\d+)", out))[1]

        yield [
            Contestant("ours", lesson, count, "the lesson's strategy"),
            Contestant("rust", [OURS / "examples/peer_counter", *job], count, "the same without the lesson around it"),
            Contestant("c-pthreads", c, count, "gcc -O3", without(c)),
            Contestant("c++", cpp, count, "g++ -O3", without(cpp)),
            Contestant("go", go, count, missing=without(go)),
        ]

    return open


# --- the table


@contextlib.contextmanager
def dinner(quick: bool) -> Iterator[list[Contestant]]:
    meals = str(1_000 if quick else 200_000)
    ours = [OURS / "philosophers", "ordered", "--meals", meals, "--think", "0s", "--eat", "0s", "--seed", "1"]
    pthreads, go = [PLACE / "dinner", meals], [PLACE / "dinner-go", meals]

    def eaten(out: str, _: Path) -> str:
        everything = str(5 * int(meals))
        return f"{everything} meals" if everything in out else "other meals"

    yield [
        Contestant("ours", ours, eaten, "ordered"),
        Contestant("rust", [OURS / "examples/peer_dinner", meals], eaten, "the same without the lesson around it"),
        Contestant("c-pthreads", pthreads, eaten, "gcc -O3", without(pthreads)),
        Contestant("go", go, eaten, missing=without(go)),
    ]


# --- photos


def imgproc(what: str, kind: str = "smooth") -> Callable:
    @contextlib.contextmanager
    def open(quick: bool) -> Iterator[list[Contestant]]:
        number, width, height = (1, 6000, 4000) if what == "edges" else (4 if quick else 48, 4000, 3000)
        if kind == "progressive" and not quick:
            number = 12
        photos = PLACE / f"photos-{kind}-{number}-{width}"
        if not photos.exists() or len(list(photos.iterdir())) < number:
            subprocess.run(python("imgproc/photos.py", kind, photos, *map(str, (number, width, height))), check=True)
        kept = scratch() / "ours"
        shutil.rmtree(kept, ignore_errors=True)
        exact_blur = []

        def our_outcome(_: str, folder: Path) -> str:
            words = f"{len(list(folder.glob('*.jpg')))} photos"
            if not kept.exists():
                shutil.copytree(folder, kept)
            if what == "blur":
                command = python("imgproc/psnr.py", kept, "--blur", photos)
                if not exact_blur:
                    exact_blur.append(subprocess.run(command, stdout=subprocess.PIPE, text=True).stdout.strip())
                words += f", {exact_blur[0]} dB from an exact blur"
            return words

        def outcome() -> Callable:
            near = []

            def of(_: str, folder: Path) -> str:
                # Once is enough: each run does the same.
                if not near:
                    command = python("imgproc/psnr.py", kept, folder)
                    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
                    near.append(done.stdout.strip() + (" dB from ours" if done.returncode == 0 else ""))
                return f"{len(list(folder.glob('*.jpg')))} photos, {near[0]}"

            return of

        workers = str(len(os.sched_getaffinity(0)))
        quarter = width // 4

        def some_at_a_time(command: str) -> list[str]:
            """A program that does one photo after the other, once for each core."""
            return ["sh", "-c", f"ls {photos}/*.jpg | xargs -P {workers} -n 4 {command}"]

        chosen = ["--filter", "thumbnail", "--size", str(quarter)] if what == "quarter" else ["--filter", what]
        ours = [OURS / "imgproc", "rayon", *chosen, "--input", photos, "--output", "{out}"]
        if what == "edges":
            # A single photo: what shares its rows, and what does not.
            everybody = [
                Contestant("ours", [ours[0], "rows", *ours[2:]], our_outcome, "rows"),
                Contestant("ours-sequential", [ours[0], "sequential", *ours[2:]], outcome(), "one thread"),
            ]
        else:
            everybody = [Contestant("ours", ours, our_outcome, "rayon")]
        for library, module in [("numpy", "numpy"), ("pillow", "PIL"), ("opencv", "cv2")]:
            if (library == "numpy" and what in ("blur", "quarter")) or (library == "pillow" and what == "edges"):
                continue
            pool = python("imgproc/pool.py", library, what, photos, "{out}", workers)
            note = f"Pool({workers})" if number > 1 else "one process"
            everybody.append(Contestant(library, pool, outcome(), note, without(pool, module)))
        for filter, way, note in [
            ("grey", "draft", "the decoder leaves out the colours"),
            ("quarter", "thumbnail", "the decoder shrinks first"),
        ]:
            if filter == what:
                pool = python("imgproc/pool.py", "pillow", way, photos, "{out}", workers)
                everybody.append(Contestant(f"pillow-{way}", pool, outcome(), f"Pool({workers}), {note}", without(pool, "PIL")))
        vips = python("imgproc/vips.py", what, photos, "{out}", workers)
        everybody.append(Contestant("libvips", vips, outcome(), "pyvips", without(vips, "pyvips")))
        if what == "quarter":
            # It turns photos as their EXIF says by itself.
            thumbnail = some_at_a_time(f"/usr/bin/vipsthumbnail --size {quarter}x{quarter} -o '{{out}}/%s.jpg[Q=90]'")
            missing = without(["/usr/bin/vipsthumbnail"])
            one_thread = {"VIPS_CONCURRENCY": "1"}
            everybody.append(Contestant("vipsthumbnail", thumbnail, outcome(), f"{workers} at a time", missing, env=one_thread))
        sharp = node("imgproc/sharp.js", what, photos, "{out}", workers)
        missing = without(sharp) or (None if (NODE / "node_modules/sharp").exists() else "it is not installed")
        if what == "edges":
            missing = "it has no length of Sobel's gradient"
        everybody.append(Contestant("sharp", sharp, outcome(), f"Node, {workers} at a time", missing))
        if kind == "progressive":
            # djpeg gives pixels to cjpeg, and neither turns photos.
            pipe = "djpeg -grayscale {} | cjpeg -quality 90 -grayscale > {out}/$(basename {})"
            turbo = ["sh", "-c", f"ls {photos}/*.jpg | xargs -P {workers} -I {{}} sh -c '{pipe}'"]
            missing = without(["/usr/bin/djpeg"])
            everybody.append(Contestant("libjpeg-turbo", turbo, outcome(), f"djpeg and cjpeg, {workers} at a time", missing))
        words = {
            "grey": "-grayscale Rec601Luma",
            "blur": "-blur 0x5",
            # With -define jpeg:size, by which the decoder would shrink first, it takes as long.
            "quarter": "-resize 25%",
            "edges": "",
        }
        command = some_at_a_time(f"{' '.join(magick())} -path {{out}} -auto-orient {words[what]} -quality 90")
        missing = without(magick())
        if what == "edges":
            missing = missing or "it has no length of Sobel's gradient in one step"
        threads = {"MAGICK_THREAD_LIMIT": "1"}
        everybody.append(Contestant("imagemagick", command, outcome(), f"mogrify, {workers} at a time", missing, env=threads))
        yield everybody

    return open


def same_number(ours: str, theirs: str) -> bool:
    """As many photos; how near they are to ours is said, and is no question of right or wrong."""
    return ours.split()[0] == theirs.split()[0]


# The course's URLs, as its server has them.
COURSE = ["200", "200?sleep=2000", "404", "500?sleep=3000", "524"]

HTML = "/usr/share/doc/python3-doc/html"

JOBS = [
    Job(
        "pages-20ms",
        "a crawl of 2 000 pages that take 20 ms each, 64 in flight",
        crawl(64, "--pages", "2000", "--latency", "20", quick_serving=("--pages", "200", "--latency", "20")),
    ),
    Job(
        "pages-0ms",
        "a crawl of 20 000 pages that take no time, 64 in flight",
        crawl(64, "--pages", "20000", quick_serving=("--pages", "500")),
    ),
    Job("python-doc", "a crawl of Python's documentation, 8 in flight", crawl(8, "--folder", HTML)),
    Job("tree-rust", "Rust's documentation, by nginx, 8 in flight", tree("/usr/share/doc/rust-doc/html")),
    Job("tree-python", "Python's documentation, by nginx, 8 in flight", tree(HTML)),
    Job("tree-postgresql", "PostgreSQL's documentation, by nginx, 8 in flight", tree("/usr/share/doc/postgresql-doc-*/html")),
    Job("tree-apache", "Apache's documentation, by nginx, 8 in flight", tree("/usr/share/doc/apache2-doc/manual")),
    Job("tree-doc", "what else is in /usr/share/doc, by nginx, 8 in flight", tree("/usr/share/doc")),
    Job("ping-5", "the course's five URLs, the slowest of which takes 3 s", ping(COURSE)),
    Job("ping-1000", "1 000 URLs that take 1 s each", ping(["200?sleep=1000"] * 1000)),
    Job("primes", "the primes below 8 000 000, by trial division, on two cores", primes),
    Job("countdown", "200 000 000 counted down, on two threads", countdown),
    Job("locks-mutex", "a counter under a mutex, 2 threads, 10 000 000 updates each", counter("mutex")),
    Job("locks-atomic", "an atomic counter, 2 threads, 50 000 000 updates each", counter("atomic")),
    Job("locks-local", "a counter for each thread, 2 threads, 1 000 000 000 updates each", counter("local")),
    Job("philosophers", "five philosophers, 200 000 meals each, without pauses", dinner),
    Job("imgproc-grey", "48 photos of 12 megapixels to grey", imgproc("grey"), same_number),
    Job("imgproc-grey-camera", "the same with a camera's detail and noise", imgproc("grey", "camera"), same_number),
    Job("imgproc-grey-progressive", "12 photos of 12 megapixels in several scans to grey", imgproc("grey", "progressive"), same_number),
    Job("imgproc-blur", "48 photos of 12 megapixels, blurred with sigma 5", imgproc("blur"), same_number),
    Job("imgproc-quarter", "48 photos of 12 megapixels to a quarter of their sides", imgproc("quarter"), same_number),
    Job("imgproc-quarter-camera", "the same with a camera's detail and noise", imgproc("quarter", "camera"), same_number),
    Job("imgproc-edges", "outlines of one photo of 24 megapixels", imgproc("edges"), same_number),
]
