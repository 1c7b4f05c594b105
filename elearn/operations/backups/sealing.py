"""Encrypting what goes into backups, by age (age-encryption.org): any machine with `age` can open them.

Encrypting needs the public half of a key only, so a server may make backups that it cannot open itself.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pyrage
from pyrage import x25519

from elearn.core import clock
from elearn.operations.errors import BrokenBackup, NotEmpty, OnlyPublicHalf, WrongKey
from elearn.operations.files import OWN_FILE, copy_whole, write_whole

SUFFIX = ".age"


@dataclass(frozen=True)
class Key:
    """What a key file holds."""

    recipient: x25519.Recipient
    identity: x25519.Identity | None
    """None when the file holds the public half alone."""

    @property
    def mark(self) -> str:
        """A few letters that tell keys apart, and no more."""
        return hashlib.sha256(str(self.recipient).encode()).hexdigest()[:8]


def read_key(path: Path | None) -> Key | None:
    """Return the key in a file, None without a file. Raises `WrongKey`."""
    if path is None:
        return None
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
        word = next(line for line in lines if line and not line.startswith("#"))
        if word.startswith("age1"):
            return Key(x25519.Recipient.from_str(word), None)
        identity = x25519.Identity.from_str(word)
        return Key(identity.to_public(), identity)
    except (OSError, UnicodeDecodeError, StopIteration, pyrage.IdentityError, pyrage.RecipientError) as error:
        raise WrongKey(
            f"{path} holds no key. Make one by `elearn backup key {path}`; a line that begins with AGE-SECRET-KEY-1 "
            "makes and opens backups, one that begins with age1 makes them only."
        ) from error


def make_key(path: Path) -> Key:
    """Write a new key into a file that is not there yet, as `age-keygen` does. Raises `NotEmpty`."""
    if path.exists():
        raise NotEmpty(f"{path} is there already. Without the key in it, what was encrypted to it cannot be opened.")
    identity = x25519.Identity.generate()
    key = Key(identity.to_public(), identity)
    text = f"# created: {clock.now().isoformat(timespec='seconds')}\n# public key: {key.recipient}\n{identity}\n"
    write_whole(path, lambda part: part.write_text(text, encoding="utf-8"), OWN_FILE)
    return key


def seal(key: Key, source: Path, target: Path) -> None:
    """Encrypt a file."""
    write_whole(target, lambda part: pyrage.encrypt_file(str(source), str(part), [key.recipient]))


def unseal(key: Key | None, source: Path, target: Path, mode: int = OWN_FILE) -> None:
    """Write what a file of a backup holds, decrypted where it is encrypted. Raises `WrongKey`, `BrokenBackup`."""
    if source.suffix != SUFFIX:
        copy_whole(source, target, mode)
        return
    identity = identity_of(key)
    try:
        write_whole(target, lambda part: pyrage.decrypt_file(str(source), str(part), [identity]), mode)
    except pyrage.DecryptError as error:
        raise WrongKey(f"{source.name} was encrypted to another key. Name its own: --key FILE.") from error
    except OSError as error:
        raise BrokenBackup(f"{source.name} cannot be decrypted: {error}.") from error


def identity_of(key: Key | None) -> x25519.Identity:
    """Return what opens files. Raises `WrongKey` when there is no key, `OnlyPublicHalf`."""
    cure = (
        "The backup is encrypted. Name the file with its key: --key FILE, one line of which begins with "
        "AGE-SECRET-KEY-1."
    )
    if key is None:
        raise WrongKey(cure)
    if key.identity is None:
        raise OnlyPublicHalf(cure)
    return key.identity
