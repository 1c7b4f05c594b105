"""The WSGI entry: `granian --interface wsgi wsgi:app`, or simply `elearn serve`."""

from elearn.app import create_app

app = create_app()
