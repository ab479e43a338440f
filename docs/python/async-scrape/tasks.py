"""A task for each page, all on one thread. Files block, so another thread writes them. (The course
takes aiohttp and aiofiles for the two; aiofiles uses threads, too.)"""

import asyncio
from urllib.parse import urlsplit

import pages


async def download(url):
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    request = f"GET {address.path}?{address.query} HTTP/1.0\r\nHost: {address.netloc}\r\n\r\n"
    writer.write(request.encode())
    status = (await reader.readline()).split()[1].decode()
    while (await reader.readline()).strip():
        pass  # The head's other lines, up to the empty one.
    with open(pages.file_for(url), "wb") as file:
        while piece := await reader.read(65536):
            await asyncio.to_thread(file.write, piece)
    writer.close()
    print(f"{pages.file_for(url).name}: {status}\n", end="", flush=True)


async def main():
    await asyncio.gather(*(download(url) for url in pages.start()))


asyncio.run(main())
