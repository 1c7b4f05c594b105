"""An S3 service in this process, for what Swift lacks. It lets anybody do anything: access is tried on Swift alone."""

from collections.abc import Iterator
from contextlib import contextmanager

from moto.server import ThreadedMotoServer

from tests.peers.s3 import S3Service


@contextmanager
def serving() -> Iterator[S3Service]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield S3Service(f"http://{host}:{port}", "anybody", "anything")
    finally:
        server.stop()
