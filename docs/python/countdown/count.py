"""What all strategies of the lesson share: two counts, and how one of them goes.

A strategy takes the tick in seconds as its argument: 0.2 if there is none, 1 in the course.
"""

import sys
import time

TICK = float(sys.argv[1]) if len(sys.argv) > 1 else 0.2
# Name, first number, and the pause before each number.
COUNTS = [("Alice", 5, TICK), ("Bob", 5, 2 * TICK)]


def down(name, start, delay):
    for number in range(start, 0, -1):
        time.sleep(delay)
        print(f"{name} is counting down: {number}...\n", end="", flush=True)
    print(f"{name} finished counting down\n", end="", flush=True)
