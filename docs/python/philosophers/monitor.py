"""Both forks or none, under one lock for the whole table."""

from threading import Condition

from table import SEATS, dine, eat

taken = [False] * SEATS
table = Condition()


def meal(left, right):
    with table:
        table.wait_for(lambda: not taken[left] and not taken[right])
        taken[left] = taken[right] = True
    eat()
    with table:
        taken[left] = taken[right] = False
        table.notify_all()
    return True


dine(meal)
