"""Settings of where films lie and who sends them."""

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from elearn.config.checks import SettingError, is_origin

BUCKET = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")


def media_accel(env: Mapping[str, str]) -> str:
    """Read the prefix under which nginx sends films."""
    prefix = env.get("ELEARN_MEDIA_ACCEL", "")
    if prefix and not re.fullmatch(r"(/[a-z0-9-]+)+", prefix):
        raise SettingError(
            f"ELEARN_MEDIA_ACCEL is '{prefix}'. Write the path of nginx's internal location, such as /films."
        )
    if prefix and env.get("ELEARN_S3_BUCKET"):
        raise SettingError("ELEARN_MEDIA_ACCEL is for films on this machine. Write it, or ELEARN_S3_BUCKET, not both.")
    return prefix


def s3(env: Mapping[str, str]) -> dict[str, Any]:
    """Read which bucket films lie in."""
    bucket, endpoint = env.get("ELEARN_S3_BUCKET", ""), env.get("ELEARN_S3_ENDPOINT", "").rstrip("/")
    region = env.get("ELEARN_S3_REGION", "eu-north-1")
    key_id, secret = env.get("ELEARN_S3_KEY_ID", ""), env.get("ELEARN_S3_SECRET", "")
    if bucket and not BUCKET.fullmatch(bucket):
        raise SettingError(
            f"ELEARN_S3_BUCKET is '{bucket}'. Write a bucket's name: 3 to 63 small letters, digits and hyphens."
        )
    if endpoint and not is_origin(endpoint):
        raise SettingError(f"ELEARN_S3_ENDPOINT is '{endpoint}'. Write it as https://s3.example.com, without a path.")
    if not re.fullmatch(r"[a-z0-9-]+", region):
        raise SettingError(f"ELEARN_S3_REGION is '{region}'. Write it as your supplier does, such as eu-north-1.")
    if bool(key_id) != bool(secret):
        raise SettingError(
            "ELEARN_S3_KEY_ID does not go with ELEARN_S3_SECRET. Write both, or neither where the machine has a role."
        )
    return {
        "s3_bucket": bucket,
        "s3_endpoint": endpoint,
        "s3_region": region,
        "s3_key_id": key_id,
        "s3_secret": secret,
    }


def cdn(env: Mapping[str, str], public_url: str) -> dict[str, Any]:
    """Read which CDN stands before the bucket, and what its cookies are signed with."""
    url, domain = env.get("ELEARN_CDN_URL", "").rstrip("/"), env.get("ELEARN_CDN_COOKIE_DOMAIN", "")
    key_id, key_file = env.get("ELEARN_CDN_KEY_ID", ""), env.get("ELEARN_CDN_KEY_FILE", "")
    if url and not is_origin(url):
        raise SettingError(f"ELEARN_CDN_URL is '{url}'. Write it as https://film.example.dk, without a path.")
    together = [bool(value) for value in (url, key_id, key_file)]
    if any(together) and not (all(together) and env.get("ELEARN_S3_BUCKET")):
        raise SettingError(
            "ELEARN_CDN_URL, ELEARN_CDN_KEY_ID and ELEARN_CDN_KEY_FILE go together, and with ELEARN_S3_BUCKET. "
            "Write all of them, or leave these three out."
        )
    hosts = [urlsplit(each).hostname or "" for each in (url, public_url)]
    if (url or domain) and not all(host.endswith(f".{domain}") if domain else host == hosts[0] for host in hosts):
        raise SettingError(
            f"ELEARN_CDN_COOKIE_DOMAIN is '{domain}'. "
            "Write the domain that the hosts of ELEARN_PUBLIC_URL and ELEARN_CDN_URL share, such as example.dk."
        )
    key = _private_key(Path(key_file)) if url else ""
    return {"cdn_url": url, "cdn_key_id": key_id, "cdn_key": key, "cdn_cookie_domain": domain}


def _private_key(file: Path) -> str:
    with suppress(OSError, ValueError, TypeError):
        pem = file.read_bytes()
        if isinstance(load_pem_private_key(pem, None), RSAPrivateKey):
            return pem.decode()
    raise SettingError(
        f"ELEARN_CDN_KEY_FILE is '{file}', which holds no private RSA key without a password. "
        "Write the path of the PEM file whose public key CloudFront has."
    )
