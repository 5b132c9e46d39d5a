"""Encryption of single fields at rest."""

import base64
import hashlib

from cryptography.fernet import Fernet

from core.config.settings import settings


def encrypt(text: str) -> str:
    """Encrypt a text."""
    return _cipher().encrypt(text.encode()).decode()


def decrypt(text: str) -> str:
    """Decrypt what `encrypt` returned."""
    return _cipher().decrypt(text.encode()).decode()


def _cipher() -> Fernet:
    digest = hashlib.sha256(settings.secret_key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
