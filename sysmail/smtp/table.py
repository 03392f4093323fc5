"""From what is seen to class, scope and cause, as data: the first row that fits counts."""

from datetime import timedelta

from sysmail.smtp import phrases
from sysmail.smtp.row import Klass, Row, Scope, at, said, seen, with_starttls_unused
from sysmail.smtp.trouble import Kind, Phase

_T, _P, _C, _U = Klass.TRANSIENT, Klass.PERMANENT, Klass.CONFIG, Klass.UNCERTAIN
_MESSAGE, _ACCOUNT, _BY_PHASE = Scope.MESSAGE, Scope.ACCOUNT, Scope.ACCOUNT_BEFORE_MAIL
_ANY = frozenset(Phase)
_RESOLVE, _CONNECT, _GREETING = at(Phase.RESOLVE), at(Phase.CONNECT), at(Phase.GREETING)
_EHLO, _STARTTLS, _TLS, _AUTH = at(Phase.EHLO), at(Phase.STARTTLS), at(Phase.TLS), at(Phase.AUTH)
_MAIL, _RCPT, _DOT, _LOCAL = at(Phase.MAIL), at(Phase.RCPT), at(Phase.DOT), at(Phase.LOCAL)
_FROM_MAIL, _LOGIN = _MAIL | _RCPT | _DOT, _AUTH | _MAIL | _RCPT
# RFC 3463: x.1.x speaks of an address, x.2.x of a mailbox.
_NOT_OF_RECIPIENT = r"(?!\d\.[12]\.).*"

TABLE: tuple[Row, ...] = (
    Row(_RESOLVE, (seen(Kind.DNS_MISSING),), _C, _ACCOUNT, "host_unknown"),
    Row(_RESOLVE, (seen(Kind.DNS_FAILED, Kind.TIMEOUT),), _T, _ACCOUNT, "dns_unavailable"),
    Row(_RESOLVE, (seen(Kind.DOMAIN_MISSING),), _P, _MESSAGE, "domain_unknown"),
    Row(_RESOLVE, (seen(Kind.NULL_MX),), _P, _MESSAGE, "domain_takes_no_mail"),
    Row(_RESOLVE, (seen(Kind.DOMAIN_UNROUTABLE),), _P, _MESSAGE, "domain_unroutable"),
    Row(_RESOLVE, (seen(Kind.NOT_ALLOWED),), _C, _ACCOUNT, "host_not_allowed"),
    Row(_CONNECT, (seen(Kind.REFUSED),), _T, _ACCOUNT, "connection_refused"),
    Row(_CONNECT, (seen(Kind.TIMEOUT),), _T, _ACCOUNT, "connection_timeout"),
    Row(_CONNECT, (seen(Kind.UNREACHABLE),), _T, _ACCOUNT, "network_unreachable"),
    Row(
        _CONNECT,
        (seen(Kind.PORT_25_BLOCKED),),
        _C,
        _ACCOUNT,
        "port_25_blocked",
        in_direct_too=True,
    ),
    Row(_GREETING, (seen(Kind.TIMEOUT),), _T, _ACCOUNT, "no_greeting"),
    Row(_GREETING | _TLS, (seen(Kind.MISMATCH),), _C, _ACCOUNT, "encryption_mismatch"),
    Row(_GREETING, (said("4.."),), _T, _ACCOUNT, "server_busy"),
    Row(_GREETING, (said("5.."),), _C, _ACCOUNT, "server_refuses_us"),
    Row(
        _EHLO, (said("5.."), said("4..", words=phrases.HELO_REFUSED)), _C, _ACCOUNT, "helo_rejected"
    ),
    # Postfix tells it with the recipient (smtpd_delay_reject), other servers with the sender.
    Row(_MAIL | _RCPT, (said("5..", words=phrases.HELO_LATE),), _C, _ACCOUNT, "helo_rejected"),
    Row(_STARTTLS, (seen(Kind.NO_STARTTLS), said("5..")), _C, _ACCOUNT, "starttls_not_offered"),
    Row(_STARTTLS, (said("454"),), _T, _ACCOUNT, "tls_not_now"),
    Row(_TLS, (seen(Kind.TLS_UNTRUSTED),), _C, _ACCOUNT, "certificate_untrusted"),
    Row(_TLS, (seen(Kind.TLS_WRONG_NAME),), _C, _ACCOUNT, "certificate_wrong_name"),
    Row(_TLS, (seen(Kind.TLS_EXPIRED),), _C, _ACCOUNT, "certificate_expired"),
    Row(_TLS, (seen(Kind.TLS_NOT_YET_VALID),), _C, _ACCOUNT, "certificate_not_yet_valid"),
    Row(_TLS, (seen(Kind.TLS_TOO_OLD),), _C, _ACCOUNT, "tls_too_old"),
    Row(_TLS, (seen(Kind.TLS_FAILED, Kind.LOST, Kind.TIMEOUT),), _T, _ACCOUNT, "tls_failed"),
    Row(_AUTH, (seen(Kind.AUTHORIZATION_REFUSED),), _C, _ACCOUNT, "authorization_refused"),
    Row(_AUTH, (seen(Kind.AUTHORIZATION_UNREACHABLE),), _T, _ACCOUNT, "authorization_unreachable"),
    Row(
        _AUTH,
        (
            said("535", r"(?!5\.7\.(139|30)$).*"),
            said("5..", r"5\.7\.8"),
            seen(Kind.UNUSABLE_CREDENTIALS),
        ),
        _C,
        _ACCOUNT,
        "login_rejected",
    ),
    Row(_AUTH, (said("5..", r"5\.7\.(139|30)"),), _C, _ACCOUNT, "basic_login_disabled"),
    Row(
        _AUTH,
        (said("534", r"-|5\.7\.9", words=phrases.OF_AN_APPLICATION),),
        _C,
        _ACCOUNT,
        "app_password_required",
    ),
    Row(
        _AUTH,
        (seen(Kind.NO_MECHANISM), said("504"), said("534", r"-|5\.7\.9")),
        _C,
        _ACCOUNT,
        "no_common_mechanism",
    ),
    Row(_AUTH, (seen(Kind.NO_AUTH_OFFERED),), _C, _ACCOUNT, "auth_not_offered"),
    Row(_AUTH, (said("432"),), _C, _ACCOUNT, "login_rejected"),
    Row(_AUTH, (said("4.."),), _T, _ACCOUNT, "login_try_later"),
    Row(
        _LOGIN,
        (
            seen(Kind.CLEAR_LOGIN_REFUSED),
            said("538"),
            said("530", words=phrases.NAMES_TLS),
            with_starttls_unused(said("530")),
        ),
        _C,
        _ACCOUNT,
        "encryption_required",
    ),
    # Not every server says 530: in Exim, whoever writes the rule chooses code and words.
    Row(
        _LOGIN,
        (said("530"), said("503|55[04]", words=phrases.NO_LOGIN, unless=phrases.POLICIES)),
        _C,
        _ACCOUNT,
        "login_required",
    ),
    Row(_MAIL, (said("553"),), _C, _ACCOUNT, "sender_not_allowed"),
    Row(
        _FROM_MAIL,
        (
            said("5..", r"5\.1\.[78]|5\.7\.60"),
            said("553", words=phrases.SENDER),
            said("550", r"-|5\.7\.1", words=phrases.SENDER, unless=phrases.NOT_OF_SENDER),
            said("554", r"5\.7\.1", words=r"sender address rejected", unless=phrases.NOT_OF_SENDER),
            said("5..", words=r"SendAsDenied"),
            said("5..", words=phrases.SES_IDENTITY),
        ),
        _C,
        _ACCOUNT,
        "sender_not_allowed",
    ),
    Row(
        _MAIL | _DOT,
        (
            seen(Kind.TOO_LARGE),
            said("5..", r"5\.3\.4|5\.2\.3"),
            said("552", "-", words=phrases.MESSAGE_SIZE),
        ),
        _P,
        _MESSAGE,
        "message_too_large",
    ),
    # RFC 1870, section 6.1: at MAIL, 552 speaks of the declared size.
    Row(
        _MAIL,
        (said("552", unless=f"{phrases.ALLOWANCE}|{phrases.MAIL_QUOTA}"),),
        _P,
        _MESSAGE,
        "message_too_large",
    ),
    Row(_MAIL, (seen(Kind.NEEDS_SMTPUTF8),), _P, _MESSAGE, "international_address_unsupported"),
    # A daily quota is told as throttling too ("454 Throttling failure: Daily message quota").
    Row(
        _FROM_MAIL,
        (
            said("432"),
            said("454", words=r"throttl", unless=phrases.DAILY),
            said("[45]..", words=phrases.TOO_FAST, unless=phrases.DAILY),
        ),
        _T,
        _ACCOUNT,
        "sending_too_fast",
    ),
    Row(
        _FROM_MAIL,
        (
            said("5..", r"5\.4\.5|5\.1\.90|5\.7\.23[23]"),
            said("454", words=phrases.DAILY),
            said("[45]..", _NOT_OF_RECIPIENT, phrases.ALLOWANCE, unless=phrases.NOT_ALLOWANCE),
            said("[45]..", r"\d\.7\.\d+", words=phrases.MAIL_QUOTA),
        ),
        _C,
        _ACCOUNT,
        "quota_exceeded",
    ),
    Row(_MAIL, (said("[45]..", words=phrases.MAIL_QUOTA),), _C, _ACCOUNT, "quota_exceeded"),
    Row(
        _RCPT,
        (said("450|451|452"), said("4..", words=phrases.TOO_QUICKLY)),
        _T,
        _MESSAGE,
        "recipient_try_later",
    ),
    Row(
        _RCPT,
        (
            said(
                "550",
                "-",
                unless=f"{phrases.RELAY}|{phrases.BLOCK_LIST}|{phrases.FULL}|{phrases.POLICIES}",
            ),
            said("551|553", unless=f"{phrases.RELAY}|{phrases.BLOCK_LIST}"),
            said("5..", r"5\.1\.\d+|5\.2\.1"),
        ),
        _P,
        _MESSAGE,
        "recipient_unknown",
    ),
    Row(
        _RCPT | _DOT,
        (
            said("552", r"-|5\.2\.\d+"),
            said("5..", r"5\.2\.2"),
            said("550", "-", words=phrases.FULL),
        ),
        _T,
        _MESSAGE,
        "mailbox_full",
        tries=3,
        spread=timedelta(hours=24),
    ),
    Row(
        _RCPT,
        (said("5..", words=phrases.RELAY, unless=phrases.NOT_DIRECTLY),),
        _C,
        _ACCOUNT,
        "relay_denied",
        alone=_P,
    ),
    Row(
        _RCPT | _DOT,
        (said("5..", r"5\.7\.(2[0-46]|515)"), said("5..", r"-|5\.7\.\d+", words=phrases.POLICIES)),
        _C,
        _ACCOUNT,
        "sender_unauthenticated",
        alone=_P,
    ),
    Row(
        _RCPT | _DOT, (said("5..", words=phrases.BLOCK_LIST),), _C, _ACCOUNT, "ip_blocked", alone=_P
    ),
    # 421 speaks of the connection, not of the content.
    Row(_DOT, (said("(?!421)4.."),), _T, _MESSAGE, "content_try_later"),
    Row(_DOT, (said("5.."),), _P, _MESSAGE, "content_rejected"),
    Row(
        _DOT,
        (seen(Kind.TIMEOUT, Kind.LOST, Kind.NOT_SMTP),),
        _U,
        _MESSAGE,
        "no_answer_after_data",
    ),
    Row(_LOCAL, (seen(Kind.UNSAFE, Kind.CANNOT_COMPOSE),), _P, _MESSAGE, "cannot_compose"),
    Row(_LOCAL, (seen(Kind.PASSWORD_NEEDED),), _C, _ACCOUNT, "password_needed"),
    Row(_ANY, (said("4.."),), _T, _BY_PHASE, "refused_for_now"),
    Row(_ANY, (said("5.."),), _P, _BY_PHASE, "refused"),
    Row(_GREETING, (seen(Kind.NOT_SMTP),), _T, _ACCOUNT, "not_smtp"),
    Row(_ANY, (seen(Kind.NOT_SMTP),), _T, _MESSAGE, "not_smtp", tries=3),
    # Whatever else ends before the dot (deadline, connection, our own change of mind).
    Row(_ANY, (lambda _trouble: True,), _T, _BY_PHASE, "connection_lost"),
)
