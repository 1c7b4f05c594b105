"""What all screens share: the request's session, access rules, forms, errors, security headers."""
