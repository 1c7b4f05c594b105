"""People and sign-in: addresses, one-time links, sessions."""
