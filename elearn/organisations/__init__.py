"""Municipalities, regions, departments, sectors, course houses, and who belongs where."""
