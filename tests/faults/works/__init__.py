"""What people do with the product while it is hurt; each work keeps a journal of what was acknowledged."""

from tests.faults.works.base import Ground, Work
from tests.faults.works.buying import ByCard, Orders
from tests.faults.works.films import Films
from tests.faults.works.letters import SignInLetters
from tests.faults.works.lists import Lists
from tests.faults.works.releases import Releases
from tests.faults.works.watching import Certificates, Progress

__all__ = [
    "ByCard",
    "Certificates",
    "Films",
    "Ground",
    "Lists",
    "Orders",
    "Progress",
    "Releases",
    "SignInLetters",
    "Work",
]
