"""How many statements a page takes."""

from sqlalchemy import event

from bench.places import Place
from elearn.app import create_app


def statements_of(place: Place, path: str, cookie: str) -> int:
    """Return how many statements one page takes, once caches are warm."""
    app = create_app(place.settings())
    said: list[str] = []

    @event.listens_for(app.extensions["elearn"].database.engine, "before_cursor_execute")
    def _count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    client = app.test_client(use_cookies=False)
    for _time in range(2):
        said.clear()
        answer = client.get(path, headers={"Cookie": cookie})
        assert answer.status_code == 200, answer.status
    app.extensions["elearn"].database.dispose()
    return len([statement for statement in said if not statement.startswith("BEGIN")])
