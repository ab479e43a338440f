"""A few threads, which take pages from a queue."""

from concurrent.futures import ThreadPoolExecutor

import pages
from download import download

with ThreadPoolExecutor(max_workers=8) as pool:
    # The results are asked for so that an exception in a thread is not lost.
    list(pool.map(download, pages.start()))
