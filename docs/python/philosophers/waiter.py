"""A waiter lets all but one sit down."""

from threading import Semaphore

from table import SEATS, dine, eat, forks

chairs = Semaphore(SEATS - 1)


def meal(left, right):
    with chairs, forks[left], forks[right]:
        return eat()


dine(meal)
