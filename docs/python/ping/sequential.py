"""One URL after the other."""

import server
from ask import ping

for url in server.start():
    ping(url)
