"""A chess master at ten boards, board by board and moving on. Nobody waits: the event loop's clock
jumps from one wake-up to the next, so that an evening takes no time."""

import asyncio
from selectors import DefaultSelector

BOARDS, MOVES, MASTER, OPPONENT = 10, 20, 3, 5


class Jump(DefaultSelector):
    """Where the event loop would sleep, the clock goes on by that time."""

    now = 0.0

    def select(self, timeout=None):
        self.now += timeout or 0
        return super().select(0)


async def game(master):
    for _ in range(MOVES):
        async with master:  # There is one of him.
            await asyncio.sleep(MASTER)
        await asyncio.sleep(OPPONENT)


async def one_by_one():
    for _ in range(BOARDS):
        await game(asyncio.Lock())


async def moving_on():
    master = asyncio.Lock()
    await asyncio.gather(*(game(master) for _ in range(BOARDS)))


for evening in (one_by_one, moving_on):
    clock = Jump()
    loop = asyncio.SelectorEventLoop(clock)
    loop.time = lambda: clock.now
    loop.run_until_complete(evening())
    loop.close()
    print(f"{evening.__name__}: all over after {clock.now:.0f} minutes")
