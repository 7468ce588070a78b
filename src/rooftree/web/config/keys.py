"""The secret keys of one installation, made on the first start and kept in the workspace, mode 0600."""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from rooftree.storage.files import disk_trouble
from rooftree.vocabulary.errors import MachineError, RooftreeError

_NONCE = 12
_KEY = 32


@dataclass(frozen=True, slots=True)
class Keys:
    """`secret` signs sessions. `sealing` seals secrets at rest: the newest key first, older ones to open."""

    secret: str
    sealing: tuple[tuple[str, bytes], ...]

    def seal(self, text: str, *, about: str) -> str:
        """Encrypt a text (AES-256-GCM). What it is `about` is bound to it: sealed elsewhere, it does not open."""
        name, key = self.sealing[0]
        nonce = secrets.token_bytes(_NONCE)
        sealed = AESGCM(_derived(key, about)).encrypt(nonce, text.encode(), about.encode())
        return f"{name}${base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, *, about: str) -> str:
        """Decrypt what `seal` made. RooftreeError when the key is gone or the text was changed."""
        name, _, body = sealed.partition("$")
        key = dict(self.sealing).get(name)
        if key is None:
            raise RooftreeError(f"a sealed secret needs the key '{name}', which the key file lacks")
        raw = base64.urlsafe_b64decode(body)
        try:
            opened = AESGCM(_derived(key, about)).decrypt(
                raw[:_NONCE], raw[_NONCE:], about.encode()
            )
        except InvalidTag as error:
            raise RooftreeError(f"a sealed secret about {about} was changed or moved") from error
        return opened.decode()


def _derived(key: bytes, about: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY, salt=None, info=about.encode()).derive(key)


def keys_of(path: Path) -> Keys:
    """Read the key file, or make it where there is none. MachineError when others may read it."""
    with disk_trouble("the keys of the web application were being made"):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _make(path)
    if path.stat().st_mode & 0o077:
        raise MachineError(f"Other users may read {path}. Close it with: chmod 600 {path}")
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        sealing = tuple((each["name"], base64.b64decode(each["key"])) for each in kept["sealing"])
        return Keys(kept["secret"], sealing)
    except (ValueError, KeyError, TypeError) as error:
        raise MachineError(
            f"{path} is not a key file that can be read. Restore it from a backup: without it nobody's "
            "second factor can be checked."
        ) from error


def _make(path: Path) -> None:
    """Two processes may start at once: the file appears whole, and the first one's stays."""
    made = {
        "secret": secrets.token_urlsafe(64),
        "sealing": [{"name": "k1", "key": base64.b64encode(secrets.token_bytes(_KEY)).decode()}],
    }
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(made, file, indent=1)
    try:
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        aside.unlink()
