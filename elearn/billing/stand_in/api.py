"""The calls of Stripe's API that the product makes: paths, parameters, pages of lists, idempotency."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from elearn.billing.stand_in.account import Account, Refusal, Values

Answer = tuple[int, Values]
NUMBERED = re.compile(r"\d+")


class Api:
    """Answers calls on an account, at `url`, where its pages are."""

    def __init__(self, account: Account, url: str) -> None:
        self.account = account
        self.url = url

    def answer(self, method: str, path: str, asked: Values, key: str | None) -> Answer:
        """Answer a call. The same key gets the same answer, a refusal too; with other parameters it is refused."""
        with self.account.lock:
            known = self.account.answers.get(key) if key else None
            if known is None:
                status, body = self._do(method, path, asked)
                if key:
                    self.account.answers[key] = [asked, status, body]
                    self.account.save()
                return status, body
            if known[0] != asked:
                words = "Keys for idempotent requests can only be used with the same parameters."
                return 400, Refusal(400, words, kind="idempotency_error").error
            return known[1], known[2]

    def _do(self, method: str, path: str, asked: Values) -> Answer:
        for wanted, pattern, call in self._calls():
            found = re.fullmatch(pattern, path)
            if found and method == wanted:
                try:
                    return 200, call(asked, *found.groups())
                except Refusal as refused:
                    return refused.status, refused.error
        return 404, Refusal(404, f"Unrecognized request URL ({method}: {path}).").error

    def _calls(self) -> list[tuple[str, str, Callable[..., Values]]]:
        account, sessions = self.account, "/v1/checkout/sessions"
        return [
            ("POST", sessions, lambda asked: self.shown(account.begin_session(asked))),
            ("GET", sessions, lambda asked: _page(sessions, map(self.shown, account.all("checkout.session")), asked)),
            ("GET", f"{sessions}/(\\w+)", lambda _, number: self.shown(account.find(number, "checkout.session"))),
            ("POST", f"{sessions}/(\\w+)/expire", lambda _, number: self.shown(account.expire(number))),
            ("POST", "/v1/refunds", lambda asked: _copy(account.refund(asked))),
            ("GET", "/v1/refunds", lambda asked: _page("/v1/refunds", account.all("refund"), asked)),
            ("GET", "/v1/events", lambda asked: _page("/v1/events", reversed(account.events), asked)),
        ]

    def shown(self, session: Values) -> Values:
        """Return a session as the API shows it: an open one has a page."""
        url = f"{self.url}/pay/{session['id']}" if session["status"] == "open" else None
        return {**session, "url": url}


def nested(pairs: Iterable[tuple[str, str]]) -> Values:
    """Read parameters as Stripe writes them: `line_items[0][quantity]=1`; numbered parts become lists."""
    found: Values = {}
    for name, value in pairs:
        *path, last = re.findall(r"[^\[\]]+", name)
        place: Any = found
        for part in path:
            place = place.setdefault(part, {})
        place[last] = value
    return {name: _with_lists(value) for name, value in found.items()}


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    parts = {name: _with_lists(each) for name, each in value.items()}
    return list(parts.values()) if parts and all(map(NUMBERED.fullmatch, parts)) else parts


def _page(url: str, objects: Iterable[Values], asked: Values) -> Values:
    """Return a page of a list, the newest first."""
    since = int(asked.get("created", {}).get("gte", 0))
    kinds, intent, after = asked.get("types"), asked.get("payment_intent"), asked.get("starting_after")
    found = [
        each
        for each in objects
        if each["created"] >= since
        and (kinds is None or each["type"] in kinds)
        and (intent is None or each["payment_intent"] == intent)
    ]
    if after is not None:
        found = found[[each["id"] for each in found].index(after) + 1 :]
    limit = int(asked.get("limit", 10))
    return {
        "object": "list",
        "url": url,
        "data": [_copy(each) for each in found[:limit]],
        "has_more": len(found) > limit,
    }


def _copy(values: Values) -> Values:
    return dict(values)
