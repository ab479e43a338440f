"""One thread owns the counter, and the others send it messages."""

from queue import Queue

from counter import THREADS, pause, run, tell

messages = Queue()


def update():
    pause()
    messages.put(1)


run(update)
tell(sum(messages.get() for _ in range(THREADS)))
