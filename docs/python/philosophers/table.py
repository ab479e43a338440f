"""What all rules share: five philosophers, five forks, and meals for everybody."""

import random
import time
from threading import Lock, Thread

NAMES = ["Plato", "Confucius", "Hypatia", "Avicenna", "Aristotle"]
SEATS, MEALS = len(NAMES), 5
forks = [Lock() for _ in range(SEATS)]


def live(seat, meal):
    """`meal` takes both forks, eats, and returns whether that went well."""
    left, right = seat, (seat + 1) % SEATS
    for eaten in range(MEALS):
        time.sleep(random.uniform(0, 0.01))
        if not meal(left, right):
            print(f"{NAMES[seat]} leaves after {eaten} meals\n", end="", flush=True)
            return
    print(f"{NAMES[seat]} has eaten {MEALS} times\n", end="", flush=True)


def eat():
    time.sleep(random.uniform(0, 0.01))
    return True


def dine(meal):
    philosophers = [Thread(target=live, args=(seat, meal)) for seat in range(SEATS)]
    for philosopher in philosophers:
        philosopher.start()
    for philosopher in philosophers:
        philosopher.join()
