"""What changes figures: answers taken in, tables published, rounds closed."""

from elearn.evaluation.services.closing import close_round
from elearn.evaluation.services.publishing import publish_tables
from elearn.evaluation.services.releasing import release_and_publish
from elearn.evaluation.services.taking_in import pool_the_rest, take_in

__all__ = ["close_round", "pool_the_rest", "publish_tables", "release_and_publish", "take_in"]
