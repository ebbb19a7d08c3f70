// What goes wrong with a mail server, as MillraceErrors. Refused connections, bad certificates and a server that speaks no TLS all come
// with the same code, so their messages tell them apart.
import type { ErrorCode } from "../../core/errors/error-codes.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { clipText, toLine } from "../text/clip.ts";

/** @param host for the message */
export function toSmtpError(thrown: unknown, host: string): MillraceError {
  if (thrown instanceof MillraceError) return thrown;
  const { code, message, reply } = read(thrown);
  const found = reply === undefined ? byMessage(code, message) : byReply(reply, code);
  const text = clipText(toLine(message), 300);
  return new MillraceError(found.code, `mail server \`${host}\`: ${text}`, {
    details: { ...(code === undefined ? {} : { code }), ...(reply === undefined ? {} : { reply }) },
    ...(found.hint === undefined ? {} : { hint: found.hint }),
  });
}

interface Trouble {
  readonly code: ErrorCode;
  readonly hint?: string;
}

const noTls: Trouble = {
  code: "TLS_FAILED",
  hint: "compare `port` and `tls` of the channel with the server: `implicit` is usual on 465, `starttls` on 587",
};

const loginRefused: Trouble = { code: "AUTHENTICATION_FAILED", hint: "renew `user` and `password` of the channel" };

// 4xx passes by itself; 5xx stays.
function byReply(reply: number, code: string | undefined): Trouble {
  if (reply < 500) return { code: "SERVICE_UNAVAILABLE" };
  if (code === "ETLS") return noTls;
  if (code === "EAUTH" || [530, 534, 535, 538].includes(reply)) return loginRefused;
  if (code === "EENVELOPE")
    return {
      code: "RECIPIENTS_REFUSED",
      hint: "compare `from` and `to` of the channel with what the server takes mail for",
    };
  return { code: "MESSAGE_REFUSED", hint: "ask whoever runs the mail server" };
}

function byMessage(code: string | undefined, message: string): Trouble {
  if (code === "EAUTH") return loginRefused;
  if (/certificate|self[- ]signed|altnames|unable to verify|CERT_/i.test(message)) {
    return {
      code: "CERTIFICATE_INVALID",
      hint: "correct `host`, or give the authority of the server's certificate as `authorities`",
    };
  }
  if (code === "ETLS" || /wrong version number|STARTTLS|ssl3?_|tls_|EPROTO|packet length/i.test(message)) return noTls;
  if (code === "EMESSAGE") return { code: "MESSAGE_REFUSED" };
  if (code === "EENVELOPE") return { code: "RECIPIENTS_REFUSED", hint: "correct `from` and `to` of the channel" };
  return { code: "CONNECTION_FAILED" };
}

function read(thrown: unknown): { code: string | undefined; message: string; reply: number | undefined } {
  if (!(thrown instanceof Error)) return { code: undefined, message: String(thrown), reply: undefined };
  const reply: unknown = "responseCode" in thrown ? thrown.responseCode : undefined;
  const code: unknown = "code" in thrown ? thrown.code : undefined;
  return {
    code: typeof code === "string" ? code : undefined,
    message: thrown.message,
    reply: typeof reply === "number" && reply >= 400 ? reply : undefined,
  };
}
