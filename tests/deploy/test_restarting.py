"""Restarting the product behind nginx: nobody notices."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from tests.databases import Databases
from tests.deploy.units import web_instances
from tests.peers.nginx_server import BY_AUTH_REQUEST, free_port, nginx_before

SENDERS = 8
PAUSE_S = 0.02
ROUNDS = 2


@contextmanager
def load_on(port: int, answers: Counter[str]) -> Iterator[None]:
    """Keep readers and senders at work; count what they were answered."""
    stopping = threading.Event()

    def work(method: str) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        while not stopping.is_set():
            try:
                connection.request(method, "/sign-in", body=b"address=" if method == "POST" else None)
                answer = connection.getresponse()
                answer.read()
                answers[f"{method} {answer.status}"] += 1
            except (OSError, HTTPException) as error:
                answers[f"{method} {error!r}"] += 1
                connection.close()
            time.sleep(PAUSE_S)
        connection.close()

    threads = [threading.Thread(target=work, args=(method,)) for method in ("GET", "POST") * (SENDERS // 2)]
    for thread in threads:
        thread.start()
    yield
    stopping.set()
    for thread in threads:
        thread.join()


@pytest.mark.soak
def test_a_restart_of_both_instances_drops_no_request(databases: Databases, tmp_path: Path) -> None:
    ports, answers = (free_port(), free_port()), Counter[str]()
    environment = {
        "ELEARN_DATA": str(tmp_path / "data"),
        "ELEARN_DATABASE": databases.copy(),
        "ELEARN_PUBLIC_URL": "https://kursus.example.dk",
        "ELEARN_TRUSTED_PROXIES": "1",
        "ELEARN_WEB_WORKERS": "1",
    }
    nginx = nginx_before(ports[0], tmp_path, BY_AUTH_REQUEST, tmp_path / "nginx", second_port=ports[1])
    with nginx as port, web_instances(ports, tmp_path / "nginx", environment) as instances, load_on(port, answers):
        for _round in range(ROUNDS):
            for instance in instances:
                instance.restart()
                time.sleep(1)

    assert set(answers) == {"GET 200", "POST 400"}, answers
    assert min(answers.values()) > 100
