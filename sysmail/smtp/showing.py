"""What a server shows whose certificate was not trusted: looked at, nothing is said through it."""

import ssl

from sysmail.smtp import opening
from sysmail.smtp.addresses import Ip, ascii_host
from sysmail.smtp.conversation import Conversation
from sysmail.smtp.dialing import dial
from sysmail.smtp.endpoint import Deadlines, Encryption, Endpoint
from sysmail.smtp.stream import Stream
from sysmail.smtp.tls import Certificate, read_certificates
from sysmail.smtp.transcript import Transcript
from sysmail.smtp.trouble import Failed, Phase


def shown(ip: Ip, endpoint: Endpoint, deadlines: Deadlines) -> tuple[Certificate, ...]:
    """The certificates as the server sends them, its own first; none where it shows none now."""
    try:
        connection = dial([ip], endpoint.port, deadlines.of(Phase.CONNECT))
    except Failed:
        return ()
    talk = Conversation(Stream(connection), deadlines, Transcript())
    try:
        if endpoint.encryption is Encryption.STARTTLS:
            opening.greet(talk, None)
            opening.introduce(talk, endpoint)
            talk.begin(Phase.STARTTLS)
            talk.demand("STARTTLS")
        return _look(talk, endpoint, deadlines.of(Phase.TLS))
    except (Failed, OSError, ValueError):
        return ()
    finally:
        talk.stream.connection.close()


def _look(talk: Conversation, endpoint: Endpoint, seconds: float) -> tuple[Certificate, ...]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = talk.stream.connection
    connection.settimeout(seconds)
    with context.wrap_socket(connection, server_hostname=ascii_host(endpoint.host)) as secured:
        found = [read_certificates(ssl.DER_cert_to_PEM_cert(der)) for der in _chain(secured)]
    return tuple(one for [one] in found)


def _chain(secured: ssl.SSLSocket) -> list[bytes]:
    """Python offers it from 3.13; before, only the object beneath has it."""
    if hasattr(secured, "get_unverified_chain"):
        return list(secured.get_unverified_chain())
    beneath = getattr(secured, "_sslobj")  # noqa: B009
    return [ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in beneath.get_unverified_chain()]
