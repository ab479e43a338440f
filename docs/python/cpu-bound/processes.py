"""Two processes count a half each. Each has an interpreter, and a lock, of its own."""

from concurrent.futures import ProcessPoolExecutor

from work import SIZE, WORKERS, count_down, timed


def halves():
    with ProcessPoolExecutor(WORKERS) as pool:
        return sum(pool.map(count_down, [SIZE // WORKERS] * WORKERS))


if __name__ == "__main__":
    timed(halves)
