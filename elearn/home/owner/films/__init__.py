"""The owner's studio: the house's films, from the upload to what is written around them."""

from elearn.home.owner.films import captions, film, listing, marks, picture, preview, uploading

__all__ = ["captions", "film", "listing", "marks", "picture", "preview", "uploading"]
