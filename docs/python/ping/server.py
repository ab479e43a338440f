"""A server that answers as httpstat.us does, on this machine: no network is needed.

A strategy takes a factor for the sleeps as its argument: 1 if there is none.
"""

import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

FACTOR = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
REASONS = {200: "OK", 404: "Not Found", 500: "Internal Server Error", 524: "A Timeout Occurred"}
PATHS = ["/200", "/200?sleep=2000", "/404", "/500?sleep=3000", "/524"]


class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        address = urlsplit(self.path)
        status = int(address.path[1:])
        sleep = parse_qs(address.query).get("sleep", ["0"])[0]
        time.sleep(float(sleep) / 1000 * FACTOR)
        body = f"{status} {REASONS[status]}".encode()
        self.send_response(status, REASONS[status])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def start():
    """Starts the server on a free port. Returns the course's URLs there."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    return [f"http://127.0.0.1:{server.server_port}{path}" for path in PATHS]
