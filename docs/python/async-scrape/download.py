"""One page, piece by piece: what the strategies with threads share."""

from http.client import HTTPConnection
from urllib.parse import urlsplit

from pages import file_for


def download(url):
    address = urlsplit(url)
    connection = HTTPConnection(address.netloc, timeout=10)
    connection.request("GET", f"{address.path}?{address.query}")
    answer = connection.getresponse()
    with open(file_for(url), "wb") as file:
        while piece := answer.read1(65536):
            file.write(piece)
    connection.close()
    print(f"{file_for(url).name}: {answer.status}\n", end="", flush=True)
