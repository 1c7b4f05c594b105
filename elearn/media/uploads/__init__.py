"""Films on their way from a browser, by the tus protocol 1.0 (docs/uploads.md).

A row says what is coming and for whom; the bytes lie in a file of the upload's name, and its size is how much of the
film has arrived. What was acknowledged is on the disk. When the last byte is there, the film waits to be packaged.
"""
