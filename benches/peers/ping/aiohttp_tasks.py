"""Pings the URLs of a file, all at once, with asyncio and aiohttp.

    aiohttp_tasks.py FILE
"""

import asyncio
import sys
from pathlib import Path

import aiohttp


async def main(urls: list[str]) -> None:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(10)) as session:

        async def ping(url: str) -> int:
            async with session.get(url) as response:
                await response.read()
                return response.status

        statuses = await asyncio.gather(*map(ping, urls))
    print(len(statuses), "answered")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]).read_text().split()))
