"""Lists of people as they come: pasted, CSV or Excel; read without HTTP and without the database.

`reading.read` makes rows of cells, `people.people_in` finds who stands in them, `plan.plan` says what would happen.
"""
