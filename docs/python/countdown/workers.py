"""A thread as a class of its own: it overrides `run`."""

from threading import Thread

from count import COUNTS, down


class Worker(Thread):
    def __init__(self, name, start, delay):
        super().__init__()
        self.count = (f"Thread {name}", start, delay)

    def run(self):
        name = self.count[0]
        print(f"{name} starting...\n", end="", flush=True)
        down(*self.count)
        print(f"{name} finished\n", end="", flush=True)


workers = [Worker(*count) for count in COUNTS]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
