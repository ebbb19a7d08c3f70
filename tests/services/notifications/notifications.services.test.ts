// Notifications beside other people's software: a mail server of aiosmtpd, and topics of moto's SNS with queues behind them.
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EmailChannelOptions } from "../../../src/core/notification/channel-options.ts";
import { expectFailure } from "../../support/expect-failure.ts";
import { authority } from "../../support/http/certificates.ts";
import { goOn, senderOf, someMessage } from "../../support/notifications/some-message.ts";
import { ensurePython } from "../python-environment.ts";
import { mailAccount, type PythonService, startMailServer, startPythonService } from "./python-service.ts";

let mail: PythonService;
let amazon: PythonService;

beforeAll(async () => {
  mail = await startMailServer();
  const moto = await ensurePython(["moto[server]==5.2.5"]);
  amazon = await startPythonService(moto, (port) => ["-m", "moto.server", "-p", String(port)]);
}, 300_000);

afterAll(async () => {
  await mail[Symbol.asyncDispose]();
  await amazon[Symbol.asyncDispose]();
});

describe("a mail server", () => {
  test("takes mail that is encrypted and logged in, and says whom it knows not", async () => {
    const taken = once(mail.lines, "line");
    await using sender = senderOf({ email: { ...account(), to: ["ops@example.com", "gone@example.com"] } });
    const { partly } = await sender.send(someMessage, goOn);
    const [line] = (await taken) as [string];
    const { to, content, encrypted } = JSON.parse(line) as { to: string[]; content: string; encrypted: boolean };
    expect([to, encrypted]).toEqual([["ops@example.com"], true]);
    expect(content).toContain(`Message-ID: <${someMessage.uid}@example.com>`);
    expect(partly?.message).toContain("`gone@example.com` (550 5.1.1 nobody of that name)");
  });

  test("refuses a wrong password for good", async () => {
    await using sender = senderOf({ email: { ...account(), password: "a wrong password" } });
    expect(await expectFailure(sender.send(someMessage, goOn))).toMatchObject({ code: "AUTHENTICATION_FAILED" });
  });

  test("is not talked to when nobody trusts it", async () => {
    const { authorities: _, ...stranger } = account();
    await using sender = senderOf({ email: stranger });
    expect(await expectFailure(sender.send(someMessage, goOn))).toMatchObject({ code: "CERTIFICATE_INVALID" });
  });
});

describe("a topic of SNS", () => {
  test("passes a message on with its attributes, and a repetition to a FIFO topic once", async () => {
    const origin = `http://127.0.0.1:${amazon.port}`;
    const { topicArn, queueUrl } = await createFifo(origin);
    await using sender = senderOf({ sns: { topicArn, endpoint: origin, ...keys } });
    await sender.send(someMessage, goOn);
    await sender.send(someMessage, goOn);
    const received = await ask(origin, "sqs", "ReceiveMessage", {
      QueueUrl: queueUrl,
      MaxNumberOfMessages: 10,
      AttributeNames: ["All"],
    });
    const messages = received["Messages"] as { Body: string; Attributes: Record<string, string> }[];
    expect(messages.map(({ Attributes }) => Attributes)).toMatchObject([
      { MessageDeduplicationId: someMessage.uid, MessageGroupId: "load/failed:abc" },
    ]);
    expect(JSON.parse(messages[0]?.Body ?? "")).toMatchObject({
      Subject: "shop: load failed",
      MessageAttributes: { severity: { Value: "error" }, id: { Value: someMessage.uid } },
    });
  });

  test("that is not there is refused for good", async () => {
    const sns = { topicArn: "arn:aws:sns:us-east-1:123456789012:gone", endpoint: `http://127.0.0.1:${amazon.port}` };
    await using sender = senderOf({ sns: { ...sns, ...keys } });
    const failure = await expectFailure(sender.send(someMessage, goOn));
    expect(failure).toMatchObject({
      disposition: "fail",
      message: expect.stringContaining("SNS answered `NotFound`") as unknown,
    });
  });
});

const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "a-secret-of-nobody" } as const;

function account(): EmailChannelOptions {
  const login = { ...mailAccount, authorities: authority } as const;
  return { host: "127.0.0.1", port: mail.port, ...login, from: "mill@example.com", to: ["ops@example.com"] };
}

async function createFifo(origin: string): Promise<{ readonly topicArn: string; readonly queueUrl: string }> {
  const name = "alerts.fifo";
  const form = new URLSearchParams({
    Action: "CreateTopic",
    Version: "2010-03-31",
    Name: name,
    "Attributes.entry.1.key": "FifoTopic",
    "Attributes.entry.1.value": "true",
  });
  const created = await post(origin, form, headersFor("sns"));
  const topicArn = /<TopicArn>([^<]+)/.exec(created)?.[1] ?? "";
  const queue = await ask(origin, "sqs", "CreateQueue", { QueueName: name, Attributes: { FifoQueue: "true" } });
  const endpoint = topicArn.replace(":sns:", ":sqs:");
  const subscribe = {
    Action: "Subscribe",
    Version: "2010-03-31",
    TopicArn: topicArn,
    Protocol: "sqs",
    Endpoint: endpoint,
  };
  await post(origin, new URLSearchParams(subscribe), headersFor("sns"));
  return { topicArn, queueUrl: String(queue["QueueUrl"]) };
}

async function ask(origin: string, service: string, action: string, body: object): Promise<Record<string, unknown>> {
  const headers = {
    ...headersFor(service),
    "content-type": "application/x-amz-json-1.0",
    "x-amz-target": `AmazonSQS.${action}`,
  };
  return JSON.parse(await post(origin, JSON.stringify(body), headers)) as Record<string, unknown>;
}

async function post(origin: string, body: string | URLSearchParams, headers: Record<string, string>): Promise<string> {
  const response = await fetch(origin, { method: "POST", body, headers });
  return await response.text();
}

/** What tells moto which service is asked. */
function headersFor(service: string): Record<string, string> {
  const scope = `AKIDEXAMPLE/20260101/us-east-1/${service}/aws4_request`;
  return { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0` };
}
