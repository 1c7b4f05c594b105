"""The JSON API for municipalities' HR systems (docs/api.md)."""
