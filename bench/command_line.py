"""Start-up and memory of the command line as `make install` leaves it, against a server that answers at once."""

import http.server
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
RUNS = 21
ANSWER = b'{"items":[{"environment":"prod","service":"web","state":"HEALTHY","release":1}]}'


class Services(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, *_):
        pass


def measure():
    """Medians of `slipway status`: seconds, seconds of CPU, and MB of memory at most."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Services)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as prefix:
        subprocess.run([ROOT / "scripts/install-cli", prefix], check=True, stdout=subprocess.DEVNULL)
        environment = {**os.environ, "SLIPWAY_URL": f"http://127.0.0.1:{server.server_port}"}
        seconds, cpu = [], []
        for _ in range(RUNS):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            start = time.monotonic()
            subprocess.run([prefix + "/bin/slipway", "status"], env=environment, check=True, stdout=subprocess.DEVNULL)
            seconds.append(time.monotonic() - start)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        # Of the largest child: the installation's JVMs are not smaller, so one of its own tells it.
        rss = int(subprocess.run(
            [sys.executable, "-c", "import resource, subprocess, sys\n"
             "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)\n"
             "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)", prefix + "/bin/slipway", "status"],
            env=environment, check=True, capture_output=True, text=True).stdout)
    server.shutdown()
    return {
        "total": statistics.median(seconds),
        "cpu": statistics.median(cpu),
        "rss": rss / (1024 if sys.platform.startswith("linux") else 1024 * 1024),
    }


if __name__ == "__main__":
    print(measure())
