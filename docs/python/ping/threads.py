"""A thread for each URL."""

from threading import Thread

import server
from ask import ping

threads = [Thread(target=ping, args=(url,)) for url in server.start()]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
