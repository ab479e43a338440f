"""One ping: what the strategies with threads share."""

from http.client import HTTPConnection
from urllib.parse import urlsplit


def ping(url):
    address = urlsplit(url)
    connection = HTTPConnection(address.netloc, timeout=10)
    connection.request("GET", f"{address.path}?{address.query}")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    print(f"{url}:{answer.reason}\n", end="", flush=True)
