"""A crawler as it is usually written with asyncio: aiohttp asks, BeautifulSoup (on lxml) finds the links, a semaphore limits.

    aiohttp_bs4.py URL FOLDER CONCURRENCY DEPTH
"""

import asyncio
import sys
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import aiohttp
from bs4 import BeautifulSoup


def links(text: str, base: str) -> list[str]:
    soup = BeautifulSoup(text, "lxml")
    found = [tag["href"] for tag in soup.find_all(["a", "link"], href=True)]
    found += [tag["src"] for tag in soup.find_all(["img", "script"], src=True)]
    return [urldefrag(urljoin(base, link)).url for link in found]


def place(folder: Path, url: str) -> Path:
    path = urlsplit(url).path
    return folder / (path.lstrip("/") + ("index.html" if path.endswith("/") else ""))


async def crawl(start: str, folder: Path, concurrency: int, depth: int) -> int:
    host = urlsplit(start).netloc
    seen = {start}
    saved = 0
    semaphore = asyncio.Semaphore(concurrency)
    connector = aiohttp.TCPConnector(limit=concurrency)

    async with aiohttp.ClientSession(connector=connector) as session, asyncio.TaskGroup() as tasks:

        async def page(url: str, level: int) -> None:
            nonlocal saved
            async with semaphore:
                async with session.get(url) as response:
                    if response.status != 200:
                        return
                    body = await response.read()
                    is_html = response.content_type == "text/html"
                path = place(folder, url)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(body)
                saved += 1
            if is_html and level < depth:
                for link in links(body.decode(), url):
                    if link not in seen and urlsplit(link).netloc == host:
                        seen.add(link)
                        tasks.create_task(page(link, level + 1))

        tasks.create_task(page(start, 0))
    return saved


if __name__ == "__main__":
    _, url, folder, concurrency, depth = sys.argv
    print(asyncio.run(crawl(url, Path(folder), int(concurrency), int(depth))))
