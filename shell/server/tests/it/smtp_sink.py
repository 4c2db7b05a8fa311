"""A mail server for tests: takes mail over STARTTLS, TLS or neither, and does with it what a file says.

    smtp_sink.py KIND CERTIFICATE KEY MODE_FILE [USER PASSWORD]

KIND is starttls, tls or none. It prints `port N`, then one line of JSON for each mail whose content it was sent, before
it answers. MODE_FILE is read for each command and holds one word: accept, later (451 after the content), never (554
after the content), recipient (550 to RCPT), busy (421 to MAIL), hang (breaks the line after the content) or silent (no
answer after the content).
"""

import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

KIND, CERTIFICATE, KEY, MODE_FILE = sys.argv[1:5]
SIGN_IN = [word.encode() for word in sys.argv[5:7]]


def mode():
    """What to do now."""
    with open(MODE_FILE, encoding="ascii") as file:
        return file.read().strip()


def content(envelope, session, server):
    """A mail as another program understands it."""
    message = email.message_from_bytes(envelope.content, policy=email.policy.default)
    parts = [part for part in message.walk() if not part.is_multipart()]
    calendars = [part for part in parts if part.get_content_type() == "text/calendar"]
    attached = [part for part in parts if part.get_filename()]
    return {
        "mode": mode(),
        "raw": envelope.content.decode("latin-1"),
        "envelope": [envelope.mail_from, envelope.rcpt_tos],
        "id": message["Message-ID"],
        "subject": message["Subject"],
        "from": message["From"],
        "to": message["To"],
        "date": message["Date"],
        "automatic": message["Auto-Submitted"],
        "headers": sorted(message.keys()),
        "text": message.get_body(("plain",)).get_content(),
        "method": [part.get_param("method") for part in calendars],
        "calendar": [part.get_content() for part in calendars],
        "files": [part.get_filename() for part in attached],
        "defects": [str(defect) for part in message.walk() for defect in part.defects],
        "encrypted": session.ssl is not None or server.transport.get_extra_info("ssl_object") is not None,
        "signed_in": bool(session.authenticated),
    }


class Sink:
    """Answers as the mode says."""

    async def handle_MAIL(self, server, session, envelope, address, options):
        if mode() == "busy":
            return "421 4.3.2 not now"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if mode() == "recipient":
            return "550 5.1.1 nobody here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        print(json.dumps(content(envelope, session, server)), flush=True)
        match mode():
            case "later":
                return "451 4.7.1 later"
            case "never":
                return "554 5.7.1 no"
            case "hang":
                server.transport.abort()
                await asyncio.sleep(3600)
            case "silent":
                await asyncio.sleep(3600)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    """The one who may."""
    good = [data.login, data.password] == SIGN_IN
    return AuthResult(success=good, handled=False)


async def main():
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(CERTIFICATE, KEY)
    options = {"hostname": "sink.example", "enable_SMTPUTF8": False}
    if KIND == "starttls":
        options |= {"tls_context": tls, "require_starttls": True}
    if SIGN_IN:
        options |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": KIND == "starttls"}
    loop = asyncio.get_running_loop()
    wrapped = tls if KIND == "tls" else None
    server = await loop.create_server(lambda: SMTP(Sink(), **options), "127.0.0.1", 0, ssl=wrapped)
    print("port", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
