"""Many small parts for two processes. A process that is done takes the next part: this balances
parts of unequal cost, as the work stealing of `rayon` does, but from one common queue."""

from multiprocessing import Pool

from work import SIZE, WORKERS, count_down, timed

PARTS = 64 * WORKERS


def many():
    with Pool(WORKERS) as pool:
        return sum(pool.imap_unordered(count_down, [SIZE // PARTS] * PARTS))


if __name__ == "__main__":
    timed(many)
