"""The same two tasks, and one order for all locks: no cycle of waiting can close."""

from threading import Lock, Thread

lock_a, lock_b = Lock(), Lock()


def task(name):
    with lock_a, lock_b:
        print(f"{name} has acquired both\n", end="", flush=True)


threads = [Thread(target=task, args=(name,)) for name in ("Task 1", "Task 2")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
