"""schemathesis drives the API by its own description: right, wrong and odd values, on the real application."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.schemas import BaseSchema

from elearn.organisations.services import api_tokens
from tests.api.conftest import Hr
from tests.licensing.helpers import new_licence

CALLS = [
    ("/api/v1/licences", "GET"),
    ("/api/v1/departments", "GET"),
    ("/api/v1/licences/{licence_id}/seats", "GET"),
    ("/api/v1/licences/{licence_id}/seats", "POST"),
    ("/api/v1/seats/{seat_id}/release", "POST"),
    ("/api/v1/completions", "GET"),
]
SEATS = 60
"""Of the licence that is driven: enough for every call to find one."""
driven = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)


@pytest.fixture
def described(app, monkeypatch: pytest.MonkeyPatch) -> BaseSchema:
    """The API's own description, and no limit on calls."""
    monkeypatch.setattr(api_tokens, "CALLS", api_tokens.Limit("api.calls", attempts=100_000, window_s=60))
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(("path", "method"), CALLS)
def test_the_api_keeps_its_description(
    described: BaseSchema, hr: Hr, session, world, path: str, method: str, mode: GenerationMode
) -> None:
    real = {"licence_id": new_licence(session, world, SEATS).id, "seat_id": world.ours.seat(session).id}
    session.commit()
    statuses = set()

    @driven
    @given(case=described[path][method].as_strategy(generation_mode=mode))
    def drive(case: schemathesis.Case) -> None:
        if mode is GenerationMode.POSITIVE:
            case.path_parameters = {name: real[name] for name in case.path_parameters or {}}
        answer = case.call_and_validate(headers={"Authorization": f"Bearer {hr.secret}"})
        statuses.add(answer.status_code)

    drive()

    if mode is GenerationMode.POSITIVE:
        assert statuses & {200, 201, 204, 409}, f"no call came through: {statuses}"


def test_every_call_is_driven(described: BaseSchema) -> None:
    found = {(path, method.upper()) for path in described for method in described[path] if method != "parameters"}

    assert found == set(CALLS)
