"""New hires and refreshers: who is to take a course by when, by rules of the municipality's own.

Words: a *rule* says who is to take what; a *due* is one person's share of it, with a day.
"""
