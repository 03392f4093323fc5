"""Certificates for servers in tests, good and bad in each of the ways that matter."""

from __future__ import annotations

import atexit
import datetime as dt
import shutil
import ssl
import tempfile
from functools import lru_cache
from pathlib import Path

import trustme

NAMES = ("localhost", "127.0.0.1", "127.0.0.2", "::1")
_YEAR = dt.timedelta(days=365)


@lru_cache
def authority() -> trustme.CA:
    """The one that `ca_file` trusts."""
    return trustme.CA()


@lru_cache
def middle() -> trustme.CA:
    """An authority under that one."""
    return trustme.CA(parent_cert=authority())


@lru_cache
def ca_file() -> str:
    """Its certificate in a file that goes away with the process."""
    folder = tempfile.mkdtemp(prefix="sysmail-ca-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder) / "ca.pem"
    authority().cert_pem.write_to_path(path)
    return str(path)


@lru_cache
def server_context(certificate: str) -> ssl.SSLContext:
    """`certificate`: as `issue` knows it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issue(certificate).configure_cert(context)
    return context


def old_context() -> ssl.SSLContext:
    """A server of long ago: TLS 1.1 at most."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issue("good").configure_cert(context)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


def issue(certificate: str) -> trustme.LeafCert:
    """`certificate`: good, wrong_name, expired, not_yet_valid, untrusted, by_middle, company (by
    an authority that it sends along), other_name (mail.localhost), ending (in five days)."""
    now = dt.datetime.now(dt.UTC)
    if certificate == "wrong_name":
        return authority().issue_cert("mail.elsewhere.example")
    if certificate == "by_middle":
        return middle().issue_cert(*NAMES)
    if certificate == "untrusted":
        return trustme.CA().issue_cert(*NAMES)
    if certificate == "company":
        return trustme.CA().create_child_ca().issue_cert(*NAMES)
    if certificate == "other_name":
        return authority().issue_cert("mail.localhost")
    if certificate == "expired":
        return authority().issue_cert(*NAMES, not_before=now - _YEAR, not_after=now - _YEAR / 2)
    if certificate == "not_yet_valid":
        return authority().issue_cert(*NAMES, not_before=now + _YEAR / 2, not_after=now + _YEAR)
    if certificate == "ending":
        return authority().issue_cert(*NAMES, not_after=now + dt.timedelta(days=5))
    assert certificate == "good", f"no such certificate: {certificate}"
    return authority().issue_cert(*NAMES)
