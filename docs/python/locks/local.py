"""Each thread counts for itself, and the counts are added at the end."""

from concurrent.futures import ThreadPoolExecutor

from counter import THREADS, pause, tell


def update(count):
    pause()
    return count + 1


with ThreadPoolExecutor(THREADS) as pool:
    tell(sum(pool.map(update, [0] * THREADS)))
