# A mail server of aiosmtpd that asks for STARTTLS and a login. It prints each mail that it takes as a line of JSON.
import json
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("gone@"):
            return "550 5.1.1 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        content = envelope.content.decode("utf8", errors="replace")
        mail = {"to": envelope.rcpt_tos, "content": content, "encrypted": session.ssl is not None}
        print(json.dumps(mail), flush=True)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    is_known = data.login == b"mill" and data.password == b"a good password"
    # What is not handled here is answered with 535 by the server.
    return AuthResult(success=is_known, handled=False)


def main():
    port, certificate, key = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    options = {
        "tls_context": context,
        "require_starttls": True,
        "auth_required": True,
        "authenticator": authenticate,
    }
    controller = Controller(Handler(), hostname="127.0.0.1", port=port, **options)
    controller.start()
    sys.stdin.read()
    controller.stop()


main()
