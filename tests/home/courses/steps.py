"""What an owner does to a course: fill in a form as it stands, read a page's words."""

from sqlalchemy import select

from elearn.core.audit import AuditEvent

SLUG = "hard-talks"


def filled_in(client, path, **fields):
    """Return a form as it stands on its page, some fields filled in otherwise."""
    sent = {}
    for each in client.page(path).select("main form[novalidate] [name]"):
        if each.name == "button":
            continue
        if each.name == "input" and each.get("type") in ("checkbox", "radio") and not each.has_attr("checked"):
            continue
        if each.name == "textarea":
            value = each.get_text().removeprefix("\r\n")
        elif each.name == "select":
            chosen = each.select_one("option[selected]") or each.select_one("option")
            value = chosen.get("value", "")
        else:
            value = each.get("value", "")
        sent.setdefault(each["name"], []).append(value)
    return sent | fields


def fill_in(client, path, **fields):
    return client.post(path, data=filled_in(client, path, **fields))


def words(client, path, status=200) -> str:
    return client.page(path, status).select_one("main").get_text(" ", strip=True)


def kinds(session) -> list[str]:
    return list(session.scalars(select(AuditEvent.kind).where(AuditEvent.kind.startswith("catalogue.")).order_by("id")))
