// Mail, against a server with behaviours.
import { describe, expect, test } from "vitest";
import { authority } from "../../../tests/support/http/certificates.ts";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import { goOn, senderOf, someMessage } from "../../../tests/support/notifications/some-message.ts";
import {
  type SmtpBehaviour,
  type SmtpServer,
  startSmtpServer,
} from "../../../tests/support/notifications/smtp-server.ts";
import type { EmailChannelOptions } from "../../core/notification/channel-options.ts";
import type { MillraceError } from "../../core/errors/errors.ts";
import type { Delivery } from "../channel.ts";

describe("a channel of mail", () => {
  test("sends what broke, since when, where and what to do, with an id that stays the same", async () => {
    await using server = await startSmtpServer();
    await send(server, { to: ["Ops <ops@example.com>", "boss@example.com"] });
    await send(server);
    const [mail, again] = server.taken;
    expect(mail).toMatchObject({ from: "millrace@example.com", to: ["ops@example.com", "boss@example.com"] });
    expect(mail?.content).toContain("Subject: shop: load failed\n");
    expect(mail?.content).toContain(`Message-ID: <${someMessage.uid}@example.com>`);
    expect(again?.content).toContain(`Message-ID: <${someMessage.uid}@example.com>`);
    expect(mail?.content).toContain("Auto-Submitted: auto-generated");
    for (const line of [
      "What broke: no answer from <db> & co (CONNECTION_FAILED)",
      "Since: 2026-01-01 00:00:00 UTC, 3 times in a row",
      "Run: r42 in r41",
      "Where: https://mill.example.com/runs/r42",
      "What to do: start the database",
    ]) {
      expect(mail?.content).toContain(line);
    }
  });

  test("encrypts and logs in", async () => {
    await using server = await startSmtpServer({ offers: ["STARTTLS", "AUTH PLAIN"] });
    await send(server, { ...encrypted, user: "mill", password: "a good password" });
    await using implicit = await startSmtpServer({ isImplicit: true });
    await send(implicit, { tls: "implicit", authorities: authority });
    expect(server.taken).toMatchObject([{ isEncrypted: true, user: "mill" }]);
    expect(implicit.taken).toMatchObject([{ isEncrypted: true, user: undefined }]);
  });

  test("tells of recipients that were refused while others were not", async () => {
    await using server = await startSmtpServer({ refused: { "gone@example.com": "550 5.1.1 nobody of that name" } });
    const { partly } = await send(server, { to: ["ops@example.com", "gone@example.com"] });
    expect(partly).toMatchObject({ code: "RECIPIENTS_REFUSED" });
    expect(partly?.message).toContain(
      "1 of 2 recipients were refused: `gone@example.com` (550 5.1.1 nobody of that name)",
    );
    expect(server.taken).toMatchObject([{ to: ["ops@example.com"] }]);
  });

  const failures: [what: string, SmtpBehaviour, Partial<EmailChannelOptions>, code: string, disposition: string][] = [
    [
      "all recipients are refused for good",
      { refused: { "ops@example.com": "550 no" } },
      {},
      "RECIPIENTS_REFUSED",
      "fail",
    ],
    [
      "all recipients are refused for now",
      { refused: { "ops@example.com": "451 later" } },
      {},
      "SERVICE_UNAVAILABLE",
      "retry",
    ],
    ["the content is refused", { content: "552 5.3.4 too large" }, {}, "MESSAGE_REFUSED", "fail"],
    ["the content is refused for now", { content: "452 4.3.1 no space" }, {}, "SERVICE_UNAVAILABLE", "retry"],
    ["no login is offered", {}, { user: "mill", password: "a password" }, "SMTP_AUTH_NOT_OFFERED", "fail"],
    [
      "the login is refused",
      { offers: ["AUTH PLAIN"], login: "535 5.7.8 no" },
      { user: "mill", password: "a password" },
      "AUTHENTICATION_FAILED",
      "fail",
    ],
    [
      "the login cannot be looked at now",
      { offers: ["AUTH PLAIN"], login: "454 4.7.0 later" },
      { user: "mill", password: "a password" },
      "SERVICE_UNAVAILABLE",
      "retry",
    ],
    ["no encryption is offered", {}, { tls: "starttls" }, "TLS_FAILED", "fail"],
    ["the server speaks no TLS", {}, { tls: "implicit" }, "TLS_FAILED", "fail"],
    ["the certificate is nobody's", { isImplicit: true }, { tls: "implicit" }, "CERTIFICATE_INVALID", "fail"],
    [
      "the certificate is nobody's after STARTTLS",
      { offers: ["STARTTLS"] },
      { tls: "starttls" },
      "CERTIFICATE_INVALID",
      "fail",
    ],
  ];
  test.each(failures)("when %s", async (_, behaviour, options, code, disposition) => {
    await using server = await startSmtpServer(behaviour);
    expect(await expectFailure(send(server, options))).toMatchObject({ code, disposition });
    expect(server.taken).toEqual([]);
  });

  test("a server that is not there may come back", async () => {
    const server = await startSmtpServer();
    await server[Symbol.asyncDispose]();
    expect(await expectFailure(send(server))).toMatchObject({ code: "CONNECTION_FAILED", disposition: "retry" });
  });

  test("never says its password", async () => {
    await using server = await startSmtpServer({ offers: ["AUTH PLAIN"], login: "535 no user with hunter2-hunter2" });
    const failure: MillraceError = await expectFailure(send(server, { user: "mill", password: "hunter2-hunter2" }));
    expect(failure.message).not.toContain("hunter2");
  });
});

const encrypted = { tls: "starttls", authorities: authority } as const;

async function send({ port }: Pick<SmtpServer, "port">, more: Partial<EmailChannelOptions> = {}): Promise<Delivery> {
  const email = {
    host: "127.0.0.1",
    port,
    tls: "none",
    from: "Millrace <millrace@example.com>",
    to: ["ops@example.com"],
    ...more,
  } as const;
  await using sender = senderOf({ email }, {}, "https://mill.example.com/");
  return await sender.send(someMessage, goOn);
}
