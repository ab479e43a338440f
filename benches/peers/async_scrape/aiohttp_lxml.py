"""The same crawler after its author has read about speed: uvloop, lxml without BeautifulSoup, workers that share a queue.

    aiohttp_lxml.py URL FOLDER CONCURRENCY DEPTH
"""

import asyncio
import sys
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import aiohttp
import uvloop
from lxml import etree, html

LINKS = etree.XPath("//a/@href | //link/@href | //img/@src | //script/@src", smart_strings=False)


def place(folder: str, url: str) -> Path:
    path = urlsplit(url).path
    return Path(folder, path.lstrip("/") + ("index.html" if path.endswith("/") else ""))


async def crawl(start: str, folder: str, concurrency: int, depth: int) -> int:
    host = urlsplit(start).netloc
    # Links are looked up as they are written, relative to their folder: most are known, and joining them is dear.
    known: set[tuple[str, str]] = set()
    seen = {start}
    saved = 0
    made: set[Path] = set()
    queue: asyncio.Queue[tuple[str, int]] = asyncio.Queue()
    queue.put_nowait((start, 0))

    async def worker() -> None:
        nonlocal saved
        while True:
            url, level = await queue.get()
            try:
                async with session.get(url) as response:
                    if response.status != 200:
                        continue
                    body = await response.read()
                    is_html = response.content_type == "text/html"
                path = place(folder, url)
                if path.parent not in made:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    made.add(path.parent)
                with open(path, "wb", buffering=0) as file:
                    file.write(body)
                saved += 1
                if is_html and level < depth:
                    base = url.rpartition("/")[0]
                    for link in LINKS(html.document_fromstring(body)):
                        link = link.partition("#")[0]
                        if (base, link) in known:
                            continue
                        known.add((base, link))
                        target = urldefrag(urljoin(url, link)).url
                        if target not in seen and urlsplit(target).netloc == host:
                            seen.add(target)
                            queue.put_nowait((target, level + 1))
            except (aiohttp.ClientError, etree.LxmlError) as error:
                print(url, error, file=sys.stderr)
            finally:
                queue.task_done()

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=concurrency)) as session:
        workers = [asyncio.create_task(worker()) for _ in range(concurrency)]
        await queue.join()
        for each in workers:
            each.cancel()
    return saved


if __name__ == "__main__":
    _, url, folder, concurrency, depth = sys.argv
    print(uvloop.run(crawl(url, folder, int(concurrency), int(depth))))
