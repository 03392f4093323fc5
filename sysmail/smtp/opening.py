"""From a list of addresses to a conversation that is ready for mail. Everything raises Failed."""

import socket
from ipaddress import ip_address

from sysmail.smtp import auth, tls
from sysmail.smtp.addresses import Ip, is_loopback_host
from sysmail.smtp.conversation import Conversation, positive
from sysmail.smtp.dialing import dial
from sysmail.smtp.endpoint import Deadlines, Encryption, Endpoint
from sysmail.smtp.extensions import Extensions
from sysmail.smtp.replies import Reply
from sysmail.smtp.stream import Stream
from sysmail.smtp.transcript import Transcript
from sysmail.smtp.trouble import Failed, Kind, Phase


def connect(
    endpoint: Endpoint, ips: tuple[Ip, ...], deadlines: Deadlines, transcript: Transcript
) -> Conversation:
    """Connected to one of the addresses, under TLS where it is implicit; nothing said yet."""
    connection = dial(ips, endpoint.port, deadlines.connect)
    host, port = _peer(connection)
    transcript.note(f"connected to {host} port {port}")
    if endpoint.encryption is Encryption.SSL:
        connection = _shake_hands(connection, endpoint, deadlines, implicit=True)
    talk = Conversation(Stream(connection), deadlines, transcript)
    talk.peer = (host, port)
    _note_tls(talk)
    return talk


def greet(talk: Conversation, silence: float | None) -> None:
    """The server's first word. After `silence` seconds without one, a second connection asks
    whether the server waits for TLS."""
    talk.begin(Phase.GREETING)
    if talk.tls_version is None:
        if silence is not None:
            _suspect(talk, silence)
        if tls.is_record(talk.stream.first_bytes(talk.deadline)):
            raise Failed(Kind.MISMATCH, "TLS where text was due")
    positive(talk.hear())


def introduce(talk: Conversation, endpoint: Endpoint) -> Extensions:
    """EHLO; HELO only where that is refused and no extension is needed."""
    talk.begin(Phase.EHLO)
    reply = talk.ask(f"EHLO {endpoint.helo_name}")
    if reply.code >= 500 and _can_do_without_extensions(endpoint):
        _fall_back_to_helo(talk, endpoint, reply)
        return Extensions()
    return Extensions.of(positive(reply))


def secure(
    talk: Conversation, endpoint: Endpoint, deadlines: Deadlines, extensions: Extensions
) -> Extensions:
    """STARTTLS (RFC 3207), never going on in the clear; what is offered after it counts."""
    talk.begin(Phase.STARTTLS)
    if "STARTTLS" not in extensions:
        raise Failed(Kind.NO_STARTTLS)
    talk.demand("STARTTLS")
    if talk.stream.has_input():
        raise Failed(Kind.TLS_FAILED, "text injected before the handshake", phase=Phase.TLS)
    begin_tls(talk, endpoint, deadlines, implicit=False)
    return introduce(talk, endpoint)


def begin_tls(talk: Conversation, endpoint: Endpoint, deadlines: Deadlines, implicit: bool) -> None:
    """The talk goes on under TLS. `implicit`: nothing was said before."""
    connection = _shake_hands(talk.stream.connection, endpoint, deadlines, implicit)
    talk.stream = Stream(connection)
    _note_tls(talk)


def log_in(talk: Conversation, endpoint: Endpoint, extensions: Extensions) -> None:
    """With the endpoint's credentials, if any; in the clear only where that is allowed, a token
    (which is good for more than this server) never."""
    credentials = endpoint.credentials
    if credentials is None:
        return
    talk.begin(Phase.AUTH)
    under_tls = talk.tls_version is not None
    allowed = endpoint.allow_clear_login and not credentials.is_token
    if not (under_tls or allowed or is_loopback_host(endpoint.host)):
        raise Failed(Kind.CLEAR_LOGIN_REFUSED, "no login without TLS")
    mechanism = auth.choose(extensions.mechanisms, under_tls, credentials.is_token)
    auth.log_in(talk, credentials, mechanism)


def _peer(connection: socket.socket) -> tuple[str, int]:
    """A reset that follows at once on the connection leaves no peer to name."""
    try:
        host, port = connection.getpeername()[:2]
    except OSError:
        connection.close()
        raise Failed(Kind.LOST, "connection reset at once", phase=Phase.GREETING) from None
    return host, port


def _shake_hands(
    connection: socket.socket, endpoint: Endpoint, deadlines: Deadlines, implicit: bool
) -> socket.socket:
    return tls.handshake(connection, endpoint, deadlines.of(Phase.TLS), implicit)


def _note_tls(talk: Conversation) -> None:
    talk.tls_version = tls.version(talk.stream.connection)
    if talk.tls_version:
        manner = "resumed" if tls.is_resumed(talk.stream.connection) else "begins"
        talk.transcript.note(f"{talk.tls_version} {manner}")


def _suspect(talk: Conversation, silence: float) -> None:
    """Proof of the wrong encryption in place of a minute of silence."""
    if talk.stream.waits_for_input(min(silence, talk.deadline.left())):
        return
    host, port = talk.peer
    if tls.answers_hello(ip_address(host), port, min(silence, talk.deadline.left())):
        raise Failed(Kind.MISMATCH, "the server waits for TLS")


def _can_do_without_extensions(endpoint: Endpoint) -> bool:
    return endpoint.credentials is None and endpoint.encryption is not Encryption.STARTTLS


def _fall_back_to_helo(talk: Conversation, endpoint: Endpoint, refusal: Reply) -> None:
    """RFC 5321, section 3.2; a server that hangs up instead has said its word already."""
    try:
        talk.demand(f"HELO {endpoint.helo_name}")
    except Failed as failed:
        raise failed if failed.reply else Failed(Kind.REPLY, reply=refusal) from None
