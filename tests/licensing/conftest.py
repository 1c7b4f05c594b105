import pytest
from sqlalchemy.orm import Session

from elearn.core.installation import Installation
from tests.licensing.helpers import Field, new_licence
from tests.world import World


@pytest.fixture
def field(session: Session, installation: Installation, world: World) -> Field:
    """A licence of three free seats that runs for ten years from today."""
    return Field(session, installation, world, new_licence(session, world, 3))
