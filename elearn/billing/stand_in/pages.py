"""The stand-in's pages: the one where a buyer pays, and the seller's dashboard, where the rest of life happens."""

from html import escape

from elearn.billing.stand_in.account import Account, Values
from elearn.billing.words import amount
from elearn.core.i18n import LANGUAGES, language, speaking
from elearn.core.i18n import gettext as _

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f5f5f2;color:#1c2b2a}
main{max-width:34rem;margin:2rem auto;padding:1.5rem;background:#fff;border:1px solid #d6d6d0;border-radius:.5rem}
h1{font-size:1.4rem}form{margin:.6rem 0}p.note{background:#eef3f2;padding:.6rem}
button{font:inherit;padding:.6rem 1rem;border-radius:.3rem;border:1px solid #12504a;width:100%}
button{background:#12504a;color:#fff}button.other{background:#fff;color:#12504a}
table{border-collapse:collapse;width:100%}td{padding:.4rem;border-top:1px solid #ddd}
main.wide{max-width:60rem}main.wide button{width:auto;padding:.2rem .6rem}
"""


def pay_page(session: Values, *, was_declined: bool) -> str:
    """Show what is to be paid, and the ways it may go."""
    with speaking(_language_of(session)):
        line = session["line_items"][0]["price_data"]["product_data"]
        buttons = "".join(
            _button(f"/pay/{session['id']}", word, label, is_first=word == "pay")
            for word, label in (
                ("pay", _("Pay")),
                ("later", _("Pay in a way that takes days")),
                ("decline", _("Let the card be declined")),
                ("back", _("Go back without paying")),
            )
        )
        title, note = _("Payment (stand-in)"), _("This page plays Stripe. No money moves.")
        declined = _("The card was declined. Nothing was charged.")
        return _page(
            title,
            f'<h1>{title}</h1><p class="note">{note}</p>'
            f"<p>{escape(line['name'])}<br>{escape(line.get('description', ''))}</p>"
            f"<p><b>{escape(amount(session['amount_total'], session['currency'].upper()))}</b></p>"
            + (f'<p class="note" role="alert">{declined}</p>' if was_declined else "")
            + buttons,
        )


def over_page(session: Values) -> str:
    """Say that a session cannot be paid any more."""
    with speaking(_language_of(session)):
        title, label, back = _("This payment is over"), _("Go back"), escape(str(session["cancel_url"]))
        return _page(title, f'<h1>{title}</h1><p><a href="{back}">{label}</a></p>')


def dashboard(account: Account) -> str:
    """Show all payments, with what may happen to each, in English as its buttons are."""
    with speaking("en"):
        return _page("Dashboard", f"<h1>Dashboard (stand-in)</h1><table>{_rows(account)}</table>", is_wide=True)


def _rows(account: Account) -> str:
    rows = []
    for session in account.all("checkout.session"):
        intent = session["payment_intent"]
        ways: list[tuple[str, str, str]] = []
        if session["status"] == "open":
            ways.append((session["id"], "expire", "expires"))
        elif session["status"] == "complete" and session["payment_status"] == "unpaid":
            ways += [(session["id"], "settle", "arrives"), (session["id"], "fail", "fails")]
        elif session["payment_status"] == "paid":
            ways += [(intent, "refund", "refund"), (intent, "dispute", "card holder objects")]
            mine = [each for each in account.all("dispute") if each["payment_intent"] == intent]
            for each in mine:
                if each["status"] == "needs_response":
                    ways += [(each["id"], "win", "objection won"), (each["id"], "lose", "objection lost")]
        buttons = " ".join(_button(f"/dashboard/{number}", word, label) for number, word, label in ways)
        total = escape(amount(session["amount_total"], session["currency"].upper()))
        order = escape(str(session["metadata"].get("order", "")))
        rows.append(
            f"<tr><td>order {order}</td><td>{total}</td><td>{session['status']}, {session['payment_status']}</td>"
            f"<td>{buttons}</td></tr>"
        )
    return "".join(rows)


def _language_of(session: Values) -> str:
    spoken = str(session.get("locale") or "en")[:2]
    return spoken if spoken in LANGUAGES else "en"


def _button(action: str, word: str, label: str, *, is_first: bool = False) -> str:
    look = "" if is_first else ' class="other"'
    return (
        f'<form method="post" action="{action}"><button{look} name="way" value="{word}">{escape(label)}</button></form>'
    )


def _page(title: str, body: str, *, is_wide: bool = False) -> str:
    return (
        f'<!doctype html><html lang="{language()}"><head><meta charset="utf-8"><link rel="icon" href="data:,">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main{' class=wide' if is_wide else ''}>{body}</main></body></html>"
    )
