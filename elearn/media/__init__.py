"""Films: probed, packaged, captioned, stored and delivered."""
