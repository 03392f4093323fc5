"""The configuration of the tests' Dovecot: dovecot.conf, its users, whom it asks about tokens."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """`tls`: starttls, required (a log-in only after STARTTLS), ssl (implicit) or empty.

    `certificate`: as in tests/support/smtp_tls.py. `mechanisms`: for AUTH, with spaces between.
    `introspection_url`: where a token is shown (RFC 7662). `more`: lines of dovecot.conf.
    """

    tls: str = ""
    certificate: str = "good"
    mechanisms: str = "plain login"
    introspection_url: str = "http://127.0.0.1:1/"
    more: str = ""


_SSL = {"": "no", "starttls": "yes", "required": "required", "ssl": "required"}


def write(
    home: Path,
    options: Options,
    passwords: Mapping[str, str],
    listener: tuple[str, int],
    relay_port: int,
) -> None:
    """Fills `home`; beside it stands server.pem, key and certificate."""
    users = "".join(f"{name}:{{PLAIN}}{password}\n" for name, password in passwords.items())
    (home / "mail").mkdir()
    shutil.chown(home / "mail", "nobody")
    (home / "users").write_text(users)
    (home / "oauth2.conf").write_text(_OAUTH2.format(url=options.introspection_url))
    address, port = listener
    text = _MAIN.format(
        home=home,
        ssl=_SSL[options.tls],
        implicit="yes" if options.tls == "ssl" else "no",
        mechanisms=options.mechanisms,
        address=address,
        port=port,
        relay_port=relay_port,
        more=options.more,
    )
    (home / "dovecot.conf").write_text(text)
    for name in ("users", "oauth2.conf"):
        (home / name).chmod(0o644)


# Dovecot's own listener for submissions is switched off by port 0.
_MAIN = """\
protocols = submission
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/dovecot.log
mail_location = maildir:{home}/mail
hostname = mail.example.com
auth_failure_delay = 0
auth_mechanisms = {mechanisms}
ssl = {ssl}
ssl_cert = <{home}/server.pem
ssl_key = <{home}/server.pem
submission_relay_host = 127.0.0.1
submission_relay_port = {relay_port}
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {home}/oauth2.conf
}}
passdb {{
  driver = passwd-file
  mechanisms = plain login cram-md5
  args = {home}/users
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={home}/mail
}}
service submission-login {{
  inet_listener submission {{
    address = {address}
    port = {port}
    ssl = {implicit}
  }}
  inet_listener submissions {{
    port = 0
  }}
}}
# Else whoever mistook a password waits longer each time.
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
{more}
"""

_OAUTH2 = """\
introspection_mode = post
introspection_url = {url}
force_introspection = yes
username_attribute = username
active_attribute = active
active_value = true
"""
