"""What all strategies of the lesson share: 20 threads, each of which counts up once. A strategy
takes the longest pause in seconds as its argument: 0.05 if there is none, 1 in the course."""

import random
import sys
import time
from threading import Thread

TICK = float(sys.argv[1]) if len(sys.argv) > 1 else 0.05
THREADS = 20


def pause():
    """No pause or a whole one, at random: between reading and writing anything may happen."""
    time.sleep(random.choice([0, TICK]))


def run(update):
    threads = [Thread(target=update) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def tell(value):
    print(f"Final counter value: {value}")
