"""Sealing of what must not be read in passing: AES-256-GCM, a fresh 96-bit nonce a message.

A sealed value is ``nonce (12 bytes) + ciphertext + tag (16 bytes)``. ``context`` is authenticated, not hidden: a
value sealed for one place does not open in another.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap

from pipeline.errors import FlyoverError

_NONCE_BYTES = 12
KEY_BYTES = 32


class SealBroken(FlyoverError):
    """A sealed value does not open: another key, another context, or it was changed."""


def seal(key: bytes, plain: bytes, context: bytes) -> bytes:
    """Seal ``plain`` under a 32-byte key."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, context)


def unseal(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """Open what :func:`seal` sealed.

    :raises SealBroken: for a wrong key, a wrong context or changed bytes
    """
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context)
    except InvalidTag:
        raise SealBroken("a sealed value does not open with this key and context") from None


def new_data_key() -> bytes:
    """A fresh data key: one a person, so that destroying it erases what was sealed with it."""
    return os.urandom(KEY_BYTES)


def wrap(master_key: bytes, data_key: bytes) -> bytes:
    """Data key wrapped for storage (AES Key Wrap, RFC 3394)."""
    return aes_key_wrap(master_key, data_key)


def unwrap(master_key: bytes, wrapped: bytes) -> bytes:
    """Data key of its wrapped form."""
    return aes_key_unwrap(master_key, wrapped)
