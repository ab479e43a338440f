"""A coroutine for each count, all on one thread."""

import asyncio

from count import COUNTS


async def down(name, start, delay):
    for number in range(start, 0, -1):
        await asyncio.sleep(delay)
        print(f"{name} is counting down: {number}...\n", end="", flush=True)
    print(f"{name} finished counting down\n", end="", flush=True)


async def main():
    await asyncio.gather(*(
        down(f"Coroutine {name}", start, delay) for name, start, delay in COUNTS
    ))


asyncio.run(main())
