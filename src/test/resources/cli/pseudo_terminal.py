"""Runs a program in a pseudo-terminal of COLUMNS × ROWS and tells what a person sees: python pseudo_terminal.py COLUMNS ROWS PROGRAM ….

On standard input come orders, a JSON document a line, and each is answered by one: {"type": TEXT}, {"resize": [COLUMNS, ROWS]}, {} for
what is on the screen, and {"signal": NUMBER} to the program.
"""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios

import pyte

columns, rows = int(sys.argv[1]), int(sys.argv[2])
screen = pyte.HistoryScreen(columns, rows, history=10_000)
stream = pyte.ByteStream(screen)
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[3], sys.argv[3:])


def measure(width, height):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))


def read(seconds):
    """What the program has written by now; False when it has closed the terminal."""
    while select.select([terminal], [], [], seconds)[0]:
        try:
            written = os.read(terminal, 65536)
        except OSError:  # how Linux says so
            return False
        if not written:
            return False
        stream.feed(written)
        seconds = 0
    return True


def text(line):
    return "".join(line[x].data for x in range(screen.columns)).rstrip()


measure(columns, rows)
open_ = True
exit_code = None
for order in sys.stdin:
    order = json.loads(order)
    if "type" in order:
        os.write(terminal, order["type"].encode())
    if "resize" in order:
        measure(*order["resize"])
        screen.resize(order["resize"][1], order["resize"][0])
    if "signal" in order:
        os.kill(pid, order["signal"])
    if open_:
        open_ = read(0.05)
    if not open_ and exit_code is None:
        exit_code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    print(json.dumps({
        "history": [text(line) for line in screen.history.top],
        "lines": [line.rstrip() for line in screen.display],
        "coloured": any(char.fg != "default" for line in screen.buffer.values() for char in line.values()),
        "cursor": not screen.cursor.hidden,
        "row": screen.cursor.y,
        "column": screen.cursor.x,
        "exitCode": exit_code,
    }), flush=True)
if exit_code is None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
