"""A municipality's HR system, which holds a token."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from elearn.app import Elearn
from elearn.core.scope import MunicipalityScope
from elearn.organisations.models import TokenScope
from elearn.organisations.services import make_token
from tests.world import Side, World


class Hr:
    """Calls the API with a token."""

    def __init__(self, client: FlaskClient, secret: str) -> None:
        self.client = client
        self.secret = secret

    def get(self, path: str, **more: str) -> TestResponse:
        return self.client.get(f"/api/v1{path}", headers=self._headers(), **more)

    def post(self, path: str, body: object) -> TestResponse:
        return self.client.post(f"/api/v1{path}", json=body, headers=self._headers())

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}


@pytest.fixture
def hr_of(app: Elearn, session: Session) -> Callable[..., Hr]:
    def make(side: Side, *scopes: TokenScope) -> Hr:
        scope = MunicipalityScope(side.municipality.id, side.buyer.id)
        _token, secret = make_token(session, scope=scope, name="HR", scopes=scopes or list(TokenScope), by_id=None)
        session.commit()
        return Hr(app.test_client(), secret)

    return make


@pytest.fixture
def hr(hr_of: Callable[..., Hr], world: World) -> Hr:
    """Our municipality's HR system, which may do everything."""
    return hr_of(world.ours)
