"""A task's mail, as most people write it: EmailMessage and smtplib."""

import smtplib
from email.message import EmailMessage


def send(port: int, sender: str, address: str, subject: str, text: str, html: str) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, address, subject
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    with smtplib.SMTP("127.0.0.1", port) as connection:
        connection.send_message(message)
