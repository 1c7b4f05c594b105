"""A video-based e-learning platform with licence management. See docs/map.md for the house plan."""
