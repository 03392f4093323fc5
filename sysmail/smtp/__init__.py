"""The SMTP client: where mail goes, the session, and what came of it, in typed values."""

from sysmail.smtp.addresses import is_loopback_host, may_dial
from sysmail.smtp.dialing import reach
from sysmail.smtp.direct import DirectSession
from sysmail.smtp.endpoint import (
    DEFAULT_PORTS,
    Credentials,
    Deadlines,
    Encryption,
    Endpoint,
    Mode,
    Trust,
)
from sysmail.smtp.examination import DirectExamination, Envelope, Examination, Step
from sysmail.smtp.mail import Mail
from sysmail.smtp.mx import MailHost, Resolver
from sysmail.smtp.replies import Reply, hint_minutes
from sysmail.smtp.row import Klass, Scope
from sysmail.smtp.session import Session
from sysmail.smtp.showing import shown
from sysmail.smtp.surveying import Tried
from sysmail.smtp.tls import BadCertificate, Certificate, read_certificates, read_fingerprint
from sysmail.smtp.trouble import Accepted, Kind, Phase, Trouble
from sysmail.smtp.verdict import CAUSES, Verdict, judge

__all__ = [
    "CAUSES",
    "DEFAULT_PORTS",
    "Accepted",
    "BadCertificate",
    "Certificate",
    "Credentials",
    "Deadlines",
    "DirectExamination",
    "DirectSession",
    "Encryption",
    "Endpoint",
    "Envelope",
    "Examination",
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
    "Step",
    "Tried",
    "Trouble",
    "Trust",
    "Verdict",
    "hint_minutes",
    "is_loopback_host",
    "judge",
    "may_dial",
    "reach",
    "read_certificates",
    "read_fingerprint",
    "shown",
]
