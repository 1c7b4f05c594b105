"""The WSGI entry: `granian --interface wsgi wsgi:app`, or simply `elearn serve`."""

import gc

from elearn.app import create_app
from elearn.core import logs

app = create_app()
logs.set_up(app.extensions["elearn"].settings.log)

# What is loaded by now lives as long as the worker: rubbish collections need not walk through it, for 0.1 s each time.
gc.collect()
gc.freeze()
