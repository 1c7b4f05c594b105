"""The reference for bench/progress.py: the least that any progress endpoint on Flask does.

One signed-cookie check (itsdangerous) and one bare upsert in the database's own driver, with the same durability
as the product: SQLite WAL with synchronous=FULL, PostgreSQL with synchronous_commit=on.
"""

import os
import sqlite3
import threading
from typing import Any

import psycopg
from flask import Flask, jsonify, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

TABLE = (
    "CREATE TABLE IF NOT EXISTS progress (person integer, video integer, position float, PRIMARY KEY (person, video))"
)
UPSERT = (
    "INSERT INTO progress VALUES (?, ?, ?) "
    "ON CONFLICT (person, video) DO UPDATE SET position = excluded.position RETURNING position"
)
URL = os.environ.get("BENCH_DATABASE", "")
SECRET = os.environ.get("BENCH_SECRET", "")

app = Flask(__name__)
signer = URLSafeTimedSerializer(SECRET)
own = threading.local()


@app.post("/watched/<int:video>")
def watched(video: int) -> Any:
    """Check the cookie, store the position, say so."""
    try:
        person = signer.loads(request.cookies.get("ticket", ""), max_age=3600)
    except BadSignature:
        return jsonify(error="not signed in"), 403
    (position,) = upsert(person, video, request.get_json()["position"])
    return jsonify(position=position)


def upsert(person: int, video: int, position: float) -> Any:
    """Store a position by one statement, committed when this returns."""
    if not hasattr(own, "connection"):
        own.connection = connect(URL)
    if URL.startswith("sqlite"):
        return own.connection.execute(UPSERT, (person, video, position)).fetchall()[0]
    return own.connection.execute(UPSERT.replace("?", "%s"), (person, video, position)).fetchone()


def connect(url: str) -> Any:
    """Open a connection that commits each statement, on disk."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=15, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        return connection
    return psycopg.connect(url, autocommit=True, options="-c synchronous_commit=on")
