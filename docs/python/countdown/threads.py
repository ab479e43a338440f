"""A thread for each count."""

from threading import Thread

from count import COUNTS, down

threads = [
    Thread(target=down, args=(f"Thread {name}", start, delay))
    for name, start, delay in COUNTS
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
