"""The SMTP client: where mail goes, the session, and what came of it, in typed values."""

from sysmail.smtp.addresses import is_loopback_host, may_dial
from sysmail.smtp.direct import DirectSession
from sysmail.smtp.endpoint import DEFAULT_PORTS, Credentials, Deadlines, Encryption, Endpoint, Mode
from sysmail.smtp.mail import Mail
from sysmail.smtp.mx import MailHost, Resolver
from sysmail.smtp.replies import Reply, hint_minutes
from sysmail.smtp.row import Klass, Scope
from sysmail.smtp.session import Session
from sysmail.smtp.trouble import Accepted, Kind, Phase, Trouble
from sysmail.smtp.verdict import CAUSES, Verdict, judge

__all__ = [
    "CAUSES",
    "DEFAULT_PORTS",
    "Accepted",
    "Credentials",
    "Deadlines",
    "DirectSession",
    "Encryption",
    "Endpoint",
    "Kind",
    "Klass",
    "Mail",
    "MailHost",
    "Mode",
    "Phase",
    "Reply",
    "Resolver",
    "Scope",
    "Session",
    "Trouble",
    "Verdict",
    "hint_minutes",
    "is_loopback_host",
    "judge",
    "may_dial",
]
