"""What all strategies of the lesson share. A strategy takes the number to count from as its
argument: 20 million if there is none, 200 million in the course."""

import sys
import time

SIZE = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000_000
WORKERS = 2


def count_down(number):
    start = number
    while number > 0:
        number -= 1
    return start


def timed(strategy):
    begun = time.perf_counter()
    counted = strategy()
    print(f"{counted} counted in {time.perf_counter() - begun:.2f} s")
