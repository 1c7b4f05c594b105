"""Licences and seats: who may watch. A seat is a row, so that none can be sold twice."""
