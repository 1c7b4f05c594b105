"""Lines whose other end is gone without a word: a laptop that was closed, a phone in a tunnel.

The web server would wait on such a line for ever, with a thread. The kernel can ask whether anybody is there.
"""

import socket
from contextlib import suppress
from pathlib import Path

OPEN_FILES = Path("/proc/self/fd")
SILENT_S, ASKED_AGAIN_S, ASKED_TIMES = 30, 10, 3
"""A line is given up a minute after its other end was gone."""


def notice_dead_lines() -> None:
    """Have the kernel ask on every silent line of this process; for a view that is about to wait for its sender.

    The server does not say which of the process's lines is the request's. Elsewhere than on Linux nothing is changed.
    """
    for each in OPEN_FILES.iterdir() if OPEN_FILES.is_dir() else ():
        with suppress(OSError):  # it was closed meanwhile
            if each.is_socket():
                _ask_on(int(each.name))


def _ask_on(number: int) -> None:
    with socket.fromfd(number, socket.AF_INET, socket.SOCK_STREAM) as line:
        if line.getsockopt(socket.SOL_SOCKET, socket.SO_PROTOCOL) != socket.IPPROTO_TCP:
            return
        line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, SILENT_S)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, ASKED_AGAIN_S)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, ASKED_TIMES)
