"""Addresses as the headers of letters hold them."""

from email.errors import MessageError
from email.headerregistry import Address


class NoMailbox(Exception):
    """No letter can be addressed so; the text says why."""


def mailbox(address: str) -> Address:
    """Return an address as a header takes it, in the letters that every mail server knows: 'ærø.dk' by its other name.

    Raises `NoMailbox`.
    """
    local, _at, domain = address.rpartition("@")
    if not local.isascii():
        raise NoMailbox("The part before the @ holds letters that mail servers do not take.")
    try:
        return Address(addr_spec=f"{local}@{domain.encode('idna').decode('ascii')}")
    except (ValueError, MessageError) as error:
        raise NoMailbox("No letter can be addressed so.") from error
