"""A line of threads: one reads, one filters, one writes, and bounded queues join them. Under the
interpreter's lock only the waiting for the disk overlaps with the rest."""

from queue import Queue
from threading import Thread

from bmp import grey_row, photos, read, write

to_filter, to_writer = Queue(maxsize=1), Queue(maxsize=1)


def reader():
    for photo in photos():
        to_filter.put((photo.name, *read(photo)))
    to_filter.put(None)


def grey():
    while (item := to_filter.get()) is not None:
        name, head, width, rows = item
        to_writer.put((name, head, [grey_row(row, width) for row in rows]))
    to_writer.put(None)


def writer():
    while (item := to_writer.get()) is not None:
        write(*item)


stages = [Thread(target=stage) for stage in (reader, grey, writer)]
for stage in stages:
    stage.start()
for stage in stages:
    stage.join()
