"""The app factory: settings, extensions, blueprints, error pages. It opens no connection."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask, Response
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from elearn.accounts import signing
from elearn.accounts import views as accounts
from elearn.api import views as api
from elearn.billing import views as billing
from elearn.catalogue import views as catalogue
from elearn.config import Settings
from elearn.core.installation import Installation
from elearn.feedback import views as feedback
from elearn.home import buyer as home_buyer
from elearn.home import demo
from elearn.home import leader as home_leader
from elearn.home import owner as home_owner
from elearn.home import security as home_security
from elearn.home import views as home
from elearn.learning import views as learning
from elearn.licensing import views as licensing
from elearn.media import views as media
from elearn.media.uploads import views as uploads
from elearn.operations import views as operations
from elearn.personal_data import views as personal_data
from elearn.training import views as training
from elearn.web import access, bodies, errors, rendering, request_ids, security, session

MAX_BODY_BYTES = 1_000_000
STATIC = Path(__file__).parent / "static"


class Elearn(Flask):
    """Flask with one database transaction per request."""

    def dispatch_request(self, *args: Any) -> Response:  # newer Flask passes its context
        """Run the view in one transaction: a good answer commits, a refusal (400 and up) or an exception rolls back.

        What was handed to `session.afterwards` is written after either, in transactions of its own.
        """
        try:
            response = self.make_response(super().dispatch_request(*args))
            if response.status_code < 400:
                session.commit()
            else:
                session.roll_back()
        except BaseException:
            session.roll_back()
            raise
        finally:
            session.run_afterwards()
        return response


def create_app(settings: Settings | None = None) -> Elearn:
    """Make the application. Raises `SettingError` or `MissingAccessRule` rather than start half right."""
    settings = settings or Settings.from_environment()
    app = Elearn(__name__, static_folder=None)
    app.extensions["elearn"] = Installation(settings)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=[*settings.old_secret_keys],
        WTF_CSRF_SECRET_KEY=[*reversed(settings.old_secret_keys), settings.secret_key],  # the last one signs
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        SESSION_COOKIE_NAME="__Host-session" if settings.secure else "session",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # asks for a Referer, which our policy need not send; Origin is checked instead
    )
    app.session_interface = session.CookieSessions()
    app.teardown_appcontext(session.close)
    for part in (request_ids, bodies, rendering, security, errors, signing):
        part.init_app(app)
    own_pages = (home, home_owner, home_buyer, home_leader, home_security, demo)
    features = (accounts, media, uploads, catalogue, licensing, learning, billing, training, feedback, personal_data)
    for feature in (*features, *own_pages, operations):
        app.register_blueprint(feature.bp)
    api.init_app(app)
    access.require_rules(app)
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(STATIC),
        prefix="static/",
        max_age=31_536_000,
        allow_all_origins=False,
        add_headers_function=security.add_headers_to_file,
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app
