"""Start pages that put several features on one screen."""
