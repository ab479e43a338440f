"""Counts down from N on so many threads, as the course does, in CPython as it comes.

    countdown.py N THREADS
"""

import sys
from threading import Thread


def count_down(n):
    while n > 0:
        n -= 1


if __name__ == "__main__":
    size, threads = int(sys.argv[1]), int(sys.argv[2])
    workers = [Thread(target=count_down, args=(size // threads,)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(size)
