"""Two threads count a half each. Under the interpreter's lock they take turns: in the lesson this
is the strategy `gil`."""

from concurrent.futures import ThreadPoolExecutor

from work import SIZE, WORKERS, count_down, timed


def halves():
    with ThreadPoolExecutor(WORKERS) as pool:
        return sum(pool.map(count_down, [SIZE // WORKERS] * WORKERS))


timed(halves)
