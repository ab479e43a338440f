"""First the left fork, then the right. The barrier makes the deadlock certain: everybody has the
left fork before anybody wants the right one. The time limit ends it, and frees the others."""

from threading import Barrier, BrokenBarrierError

from table import SEATS, dine, eat, forks

everybody = Barrier(SEATS)


def meal(left, right):
    with forks[left]:
        try:
            everybody.wait(timeout=1)
        except BrokenBarrierError:
            pass  # A philosopher has left, so nobody waits for all five any more.
        # The seats give up one after the other: fork 0's philosopher first.
        if not forks[right].acquire(timeout=0.5 + left):
            everybody.abort()
            return False
        try:
            return eat()
        finally:
            forks[right].release()


dine(meal)
