"""A task for each URL, all on one thread. The standard library has no asynchronous HTTP client
(the course takes aiohttp), so the request is written by hand."""

import asyncio
from urllib.parse import urlsplit

import server


async def ping(url):
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    request = f"GET {address.path}?{address.query} HTTP/1.0\r\nHost: {address.netloc}\r\n\r\n"
    writer.write(request.encode())
    status_line = await reader.readline()
    await reader.read()
    writer.close()
    _version, _status, reason = status_line.decode().strip().split(" ", 2)
    print(f"{url}:{reason}\n", end="", flush=True)


async def main():
    await asyncio.gather(*(ping(url) for url in server.start()))


asyncio.run(main())
