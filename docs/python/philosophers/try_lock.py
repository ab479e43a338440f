"""If the second fork is taken, the first one is put back, and tried again later."""

import random
import time

from table import dine, eat, forks


def meal(left, right):
    while True:
        with forks[left]:
            if forks[right].acquire(blocking=False):
                try:
                    return eat()
                finally:
                    forks[right].release()
        # A random time: with equal pauses all five could go on in step for ever (a livelock).
        time.sleep(random.uniform(0, 0.002))


dine(meal)
