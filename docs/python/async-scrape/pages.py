"""A small site on this machine: pages that come after a while, piece by piece.

A strategy takes two arguments, and both may be left out: the folder for the files
(output/python-pages), and a factor for the latencies (1).
"""

import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

OUTPUT = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("output/python-pages")
FACTOR = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
PATHS = ["/200", "/200?sleep=2000", "/404", "/500?sleep=3000", "/524"]


class Pages(BaseHTTPRequestHandler):
    def do_GET(self):
        address = urlsplit(self.path)
        sleep = parse_qs(address.query).get("sleep", ["0"])[0]
        time.sleep(float(sleep) / 1000 * FACTOR)
        pieces = [f"<p>{address.path}, part {part}</p>\n".encode() for part in range(4)]
        self.send_response(int(address.path[1:]), "As asked")
        self.send_header("Content-Length", str(sum(map(len, pieces))))
        self.end_headers()
        for piece in pieces:
            time.sleep(0.05 * FACTOR)
            self.wfile.write(piece)

    def log_message(self, *_):
        pass


def start():
    """Starts the site on a free port. Returns its URLs."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    Thread(target=server.serve_forever, daemon=True).start()
    return [f"http://127.0.0.1:{server.server_port}{path}" for path in PATHS]


def file_for(url):
    """`200sleep=2000.html` for `.../200?sleep=2000`, as in the course."""
    address = urlsplit(url)
    return OUTPUT / f"{address.path[1:]}{address.query}.html"
