"""The configuration of the tests' Postfix: main.cf, master.cf and what Cyrus SASL reads."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DOMAIN = "example.com"
MAILBOXES = tuple(f"{name}@{DOMAIN}" for name in ("alice", "bob", "carol", "dan", "eve"))
LOGIN = f"portal@{DOMAIN}"
BANNED = f"banned@{DOMAIN}"
_BAN = "550 5.7.1 this sender may not send here"
# Debian's nobody: virtual(8) delivers as a user of its own, never as root or postfix.
MAIL_OWNER = 65534


@dataclass(frozen=True)
class Service:
    """One smtpd with a port of its own. `tls`: none, may, encrypt or wrapper (implicit TLS).

    `login`: the AUTH mechanism it offers and demands, or empty where it asks for none.
    `names`: it refuses those of the greeting that are not full, "at once" or, as Postfix does
    unless told otherwise, "late": at the recipient.
    """

    name: str
    tls: str
    login: str = ""
    own_name: bool = False
    names: str = ""

    @property
    def address(self) -> str:
        return _own_address() if self.own_name else "127.0.0.1"

    def options(self) -> list[str]:
        """The `-o` lines of master.cf."""
        tls = ["smtpd_tls_wrappermode=yes"] if self.tls == "wrapper" else []
        level = "encrypt" if self.tls == "wrapper" else self.tls
        level_option = f"smtpd_tls_security_level={level}"
        return [*tls, level_option, *self._login_options(), *self._name_options()]

    def _name_options(self) -> list[str]:
        if not self.names:
            return []
        return [
            "smtpd_helo_required=yes",
            f"smtpd_delay_reject={'yes' if self.names == 'late' else 'no'}",
            "smtpd_helo_restrictions=reject_invalid_helo_hostname,reject_non_fqdn_helo_hostname",
        ]

    def _login_options(self) -> list[str]:
        if not self.login:
            return []
        return [
            "smtpd_sasl_auth_enable=yes",
            f"smtpd_sasl_mechanism_filter={self.login}",
            f"smtpd_tls_auth_only={'yes' if self.tls == 'encrypt' else 'no'}",
            "smtpd_sender_restrictions=reject_sender_login_mismatch",
            "smtpd_relay_restrictions=permit_sasl_authenticated,reject",
        ]


SERVICES = (
    Service("open", "may"),
    Service("open-ssl", "wrapper"),
    Service("login", "may", "plain"),
    Service("login-ssl", "wrapper", "plain"),
    Service("login-by-LOGIN", "may", "login"),
    Service("no-tls", "none"),
    Service("tls-only", "encrypt", "plain"),
    Service("own-name", "none", "plain", own_name=True),
    Service("full-names", "may", names="at once"),
    Service("full-names-late", "may", names="late"),
)

_DAEMONS = """\
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
flush     unix  n - n 1000? 0 flush
virtual   unix  - n n - - virtual
error     unix  - - n - - error
retry     unix  - - n - - error
anvil     unix  - - n - 1 anvil
postlog   unix-dgram n - n - 1 postlogd
"""

_SASL = """\
pwcheck_method: auxprop
auxprop_plugin: sasldb
mech_list: PLAIN LOGIN
sasldb_path: {home}/etc/sasl/sasldb2
"""


def write(home: Path, ports: Mapping[str, int]) -> None:
    """Fills `home`/etc; each service listens on its port."""
    listeners = "".join(_listener(service, ports[service.name]) for service in SERVICES)
    (home / "etc" / "main.cf").write_text(_main(home))
    (home / "etc" / "master.cf").write_text(listeners + _DAEMONS)
    (home / "etc" / "sasl" / "smtpd.conf").write_text(_SASL.format(home=home))


def _main(home: Path) -> str:
    mailboxes = ", ".join(f"{address}={address}/" for address in MAILBOXES)
    return f"""\
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
maillog_file = {home}/postfix.log
maillog_file_prefixes = {home}
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = mail.{DOMAIN}
mydestination =
mynetworks =
alias_maps =
alias_database =
local_recipient_maps =
default_transport = error:this test server sends nothing out
virtual_mailbox_domains = {DOMAIN}
virtual_mailbox_base = {home}/mail
virtual_mailbox_maps = inline:{{ {mailboxes} }}
virtual_uid_maps = static:{MAIL_OWNER}
virtual_gid_maps = static:{MAIL_OWNER}
smtpd_tls_chain_files = {home}/etc/server.pem
smtpd_sasl_path = smtpd
cyrus_sasl_config_path = {home}/etc/sasl
smtpd_sender_login_maps = inline:{{ {LOGIN}={LOGIN} }}
smtpd_sender_restrictions = check_sender_access inline:{{ {{ {BANNED} = {_BAN} }} }}
smtpd_relay_restrictions = permit_sasl_authenticated,reject_unauth_destination
smtpd_error_sleep_time = 0
"""


def _listener(service: Service, port: int) -> str:
    options = "".join(f"  -o {option}\n" for option in service.options())
    return f"{service.address}:{port} inet n - n - - smtpd\n{options}"


def _own_address() -> str:
    """What the machine's own name stands for, such as 127.0.1.1 on Debian."""
    try:
        return socket.gethostbyname(socket.gethostname())
    except OSError:
        return "127.0.0.1"
