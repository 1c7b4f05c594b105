"""Posting to addresses that somebody has typed in: https only, resolved once, never into our own network.

Redirects are not followed, and nothing of an answer but its status is read.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

from elearn.config import LOOPBACK

TIMEOUT_S = 10
"""For connecting, and for each wait on the other side."""
DEADLINE_S = 30
"""For the whole of it: who answers a byte at a time is hung up on."""
_WRAPPERS = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "::ffff:0:0/96")))
"""IPv6 addresses that stand for IPv4 ones, private ones too."""


class AddressNotAllowed(Exception):
    """The address is not https, or leads into a private network."""


class NotTaken(Exception):
    """The other side did not take it; the text says what it said instead."""


def post(url: str, body: bytes, headers: Mapping[str, str], *, loopback_too: bool = False) -> None:
    """Post a body. `loopback_too` lets http to this machine pass, for the demo.

    Raises `AddressNotAllowed`, `NotTaken`, OSError.
    """
    host, port, path, is_secure = _parts(url, loopback_too=loopback_too)
    connection = http.client.HTTPConnection(host, port)
    connection.sock = _connected(host, port, own=loopback_too and host in LOOPBACK)
    try:
        with _deadline(connection.sock):
            if is_secure:
                connection.sock = ssl.create_default_context().wrap_socket(connection.sock, server_hostname=host)
            connection.request("POST", path, body=body, headers=dict(headers))
            status = connection.getresponse().status
    except http.client.HTTPException as error:
        raise NotTaken(f"no understandable answer ({type(error).__name__})") from None
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise NotTaken(f"answered {status}")


def _parts(url: str, *, loopback_too: bool) -> tuple[str, int, str, bool]:
    """Take an address apart. Raises `AddressNotAllowed`."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise AddressNotAllowed("the address cannot be read") from None
    is_secure = parts.scheme == "https"
    is_own = loopback_too and parts.scheme == "http" and host in LOOPBACK
    if not host or not (is_secure or is_own):
        raise AddressNotAllowed("only https addresses are posted to")
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    return host, port or (443 if is_secure else 80), path, is_secure


def _connected(host: str, port: int, *, own: bool) -> socket.socket:
    """Resolve a name once, look at every address it has, and connect to the first."""
    try:
        infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise AddressNotAllowed("the address cannot be read") from None
    found = [str(info[4][0]) for info in infos]
    if not own and not all(map(_is_public, found)):
        raise AddressNotAllowed("the address leads into a private network")
    return socket.create_connection((found[0], port), timeout=TIMEOUT_S)


def _is_public(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    wraps = any(parsed in network for network in _WRAPPERS if network.version == parsed.version)
    return parsed.is_global and not parsed.is_multicast and not wraps


@contextmanager
def _deadline(connected: socket.socket) -> Iterator[None]:
    """Hang up when the block takes longer than the deadline."""

    def hang_up() -> None:
        try:
            connected.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it is closed already

    timer = threading.Timer(DEADLINE_S, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
