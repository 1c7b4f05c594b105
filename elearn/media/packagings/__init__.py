"""Making uploaded files into packages: asked for when the last byte is there, done by the worker of queue `media`."""
