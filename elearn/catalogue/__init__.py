"""Courses, modules and lessons: read from files, checked, published as versions."""
