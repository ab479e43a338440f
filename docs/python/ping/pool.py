"""A fixed number of threads, which take URLs from a queue."""

from concurrent.futures import ThreadPoolExecutor

import server
from ask import ping

with ThreadPoolExecutor(max_workers=2) as pool:
    # The results are asked for so that an exception in a thread is not lost.
    list(pool.map(ping, server.start()))
