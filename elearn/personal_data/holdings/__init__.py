"""What is held: one row for every table, naming each of its columns (a test fails when one has none).

It says whose the data is, how long it is kept, and what becomes of each column in a person's own export.
"""

from elearn.personal_data.holding import Holding, Keep, Whose
from elearn.personal_data.holdings.of_feedback import FEEDBACK
from elearn.personal_data.holdings.of_films import FILMS
from elearn.personal_data.holdings.of_houses import HOUSES
from elearn.personal_data.holdings.of_municipalities import MUNICIPALITIES
from elearn.personal_data.holdings.of_people import PEOPLE
from elearn.personal_data.holdings.of_the_product import PRODUCT

__all__ = ["BY_TABLE", "HOLDINGS", "Holding", "Keep", "Whose"]

HOLDINGS = [*PEOPLE, *MUNICIPALITIES, *HOUSES, *FILMS, *FEEDBACK, *PRODUCT]
BY_TABLE = {holding.table: holding for holding in HOLDINGS}
