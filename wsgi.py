"""The WSGI entry: `granian --interface wsgi wsgi:app`, or simply `elearn serve`.

It opens no connection, and writes at most the secret key at the first start: a server may load it before it forks.
"""

from sqlalchemy.orm import configure_mappers

from elearn.app import create_app
from elearn.core import logs

app = create_app()
logs.set_up(app.extensions["elearn"].settings.log)
configure_mappers()  # else each worker does, with its first request and in memory of its own
