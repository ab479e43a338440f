"""A lock around both."""

from threading import Lock

from counter import pause, run, tell

value = 0
lock = Lock()


def update():
    global value
    with lock:
        read = value
        pause()
        value = read + 1


run(update)
tell(value)
