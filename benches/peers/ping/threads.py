"""Pings the URLs of a file, a thread for each, with requests.

    threads.py FILE
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests


def ping(url: str) -> int:
    return requests.get(url, timeout=10).status_code


if __name__ == "__main__":
    urls = Path(sys.argv[1]).read_text().split()
    with ThreadPoolExecutor(max_workers=len(urls)) as pool:
        statuses = list(pool.map(ping, urls))
    print(len(statuses), "answered")
