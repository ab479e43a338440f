"""Two tasks, two locks, taken in opposite orders. Python has no lock that notices a cycle of
waiting, so the second one is waited for with a time limit: without it this program never ends."""

from threading import Barrier, Lock, Thread

lock_a, lock_b = Lock(), Lock()
both_hold_one = Barrier(2)


def task(name, first, second, patience):
    with first:
        print(f"{name} has acquired its first lock\n", end="", flush=True)
        both_hold_one.wait()
        if second.acquire(timeout=patience):
            print(f"{name} has acquired both\n", end="", flush=True)
            second.release()
        else:
            print(f"{name} gives up\n", end="", flush=True)


threads = [
    Thread(target=task, args=("Task 1", lock_a, lock_b, 60)),
    Thread(target=task, args=("Task 2", lock_b, lock_a, 0.5)),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
