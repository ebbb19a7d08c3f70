// One mail in one session with a mail server. The client is driven step by step, because taken as a whole it sends without logging in
// when a server offers no login, and in the clear when it offers no encryption.
import type { Resolved } from "../../core/connection/secret.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { EmailChannelOptions } from "../../core/notification/channel-options.ts";
import { clipText, toLine } from "../text/clip.ts";
import { toSmtpError } from "./smtp-error.ts";

export interface SmtpMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly content: Buffer;
}

/** A recipient that the server does not take mail for. */
export interface SmtpRefusal {
  readonly address: string;
  readonly reply: string;
}

const stepMs = 10_000;
const maxReply = 200;

/**
 * @returns the recipients that were refused while others were not
 * @throws MillraceError `SMTP_AUTH_NOT_OFFERED`, `TLS_FAILED`, `CERTIFICATE_INVALID`, `AUTHENTICATION_FAILED`, `RECIPIENTS_REFUSED`,
 * `MESSAGE_REFUSED`; `CONNECTION_FAILED` and `SERVICE_UNAVAILABLE` pass by themselves
 */
export async function sendBySmtp(
  options: Resolved<EmailChannelOptions>,
  { from, to, content }: SmtpMail,
  signal: AbortSignal,
): Promise<readonly SmtpRefusal[]> {
  const { user, password } = options;
  const { default: SmtpConnection } = await import("nodemailer/lib/smtp-connection");
  const connection = new SmtpConnection(toConnectionOptions(options));
  const failed = Promise.withResolvers<never>();
  const fail = (error: unknown): void => failed.reject(error);
  const abort = (): void => fail(signal.reason);
  connection.on("error", fail);
  signal.addEventListener("abort", abort, { once: true });
  const step = async <T>(start: (done: (error?: Error | null, result?: T) => void) => void): Promise<T | undefined> => {
    const { promise, resolve, reject } = Promise.withResolvers<T | undefined>();
    start((error, result) => (error instanceof Error ? reject(error) : resolve(result)));
    return await Promise.race([promise, failed.promise]);
  };
  try {
    signal.throwIfAborted();
    await step((done) => connection.connect(done));
    if (user !== undefined) {
      if (!connection.allowsAuth) throw authNotOffered(options.host);
      await step((done) => connection.login({ user, pass: password ?? "" }, done));
    }
    const info = await step<SendInfo>((done) => connection.send({ from, to: [...to] }, content, done));
    return toRefusals(info);
  } catch (thrown) {
    throw toSmtpError(thrown, options.host);
  } finally {
    signal.removeEventListener("abort", abort);
    // who has nothing to wait for any more hears of it as of nothing
    failed.promise.catch(() => undefined);
    connection.close();
  }
}

interface SendInfo {
  readonly rejected: readonly string[];
  readonly rejectedErrors?: readonly { readonly recipient?: unknown; readonly response?: unknown }[] | undefined;
}

function toRefusals(info: SendInfo | undefined): readonly SmtpRefusal[] {
  const errors = info?.rejectedErrors ?? [];
  return (info?.rejected ?? []).map((address) => {
    const found = errors.find(({ recipient }) => recipient === address);
    const response = typeof found?.response === "string" ? found.response : "no reason was given";
    return { address, reply: clipText(toLine(response), maxReply) };
  });
}

function toConnectionOptions({ host, port, tls = "starttls", authorities }: Resolved<EmailChannelOptions>): object {
  return {
    host,
    port: port ?? (tls === "implicit" ? 465 : 587),
    secure: tls === "implicit",
    requireTLS: tls === "starttls",
    ignoreTLS: tls === "none",
    connectionTimeout: stepMs,
    greetingTimeout: stepMs,
    socketTimeout: stepMs,
    dnsTimeout: stepMs,
    socketCloseTimeout: 0,
    ...(authorities === undefined ? {} : { tls: { ca: authorities } }),
  };
}

function authNotOffered(host: string): MillraceError {
  return new MillraceError(
    "SMTP_AUTH_NOT_OFFERED",
    `mail server \`${host}\` offers no login, and the channel has one`,
    {
      hint: "many servers offer it on another port or after encryption only; without `user` and `password` the mail is sent without a login",
    },
  );
}
