"""Ground floor without HTTP: database, clock, languages, audit trail, tokens, named refusals."""
