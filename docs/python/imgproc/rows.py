"""One photo at a time, its rows shared among the processes of a pool. Each row is pickled twice: to
the worker, and back. (Threads would not have to, but the interpreter's lock lets only one compute.)
"""

from functools import partial
from multiprocessing import Pool

from bmp import grey_row, photos, read, write

if __name__ == "__main__":
    with Pool(processes=2) as pool:
        for photo in photos():
            head, width, rows = read(photo)
            grey = pool.map(partial(grey_row, width=width), rows, chunksize=32)
            write(photo.name, head, grey)
