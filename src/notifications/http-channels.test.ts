// Channels by HTTP, against servers with behaviours.
import { createHmac } from "node:crypto";
import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { expectFailure } from "../../tests/support/expect-failure.ts";
import { type BehavingServer, startBehavingServer } from "../../tests/support/http/behaving-server.ts";
import { goOn, nowMs, senderOf, someMessage } from "../../tests/support/notifications/some-message.ts";
import type { ChannelOptions } from "../core/notification/channel-options.ts";
import type { NotificationMessage } from "../core/notification/notice.ts";
import type { Delivery } from "./channel.ts";

const topicArn = "arn:aws:sns:eu-central-1:123456789012:alerts";
const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI-example" } as const;
const xml = (code: string): string =>
  `<ErrorResponse><Error><Code>${code}</Code><Message>why</Message></Error></ErrorResponse>`;

describe("a channel of Slack", () => {
  test("sends blocks with what it is named by, and nothing that Slack would read as markup", async () => {
    await using server = await answering(200, "ok");
    await send({ slack: { url: `${server.origin}/services/T0/B0/secret` } });
    const body = JSON.parse(server.received[0]?.body ?? "") as { text: string; blocks: { text?: { text: string } }[] };
    expect(body.text).toBe("shop: load failed");
    expect(body.blocks[1]?.text?.text).toContain("no answer from &lt;db&gt; &amp; co");
    expect(JSON.stringify(body.blocks[2])).toContain(someMessage.uid);
  });

  test("waits as long as Slack says", async () => {
    await using server = await answering(429, "slow down", { "retry-after": "7" });
    const failure = await expectFailure(send({ slack: { url: `${server.origin}/services/T0/B0/secret` } }));
    expect(failure).toMatchObject({ code: "RATE_LIMITED", disposition: "retry", retryAfterMs: 7_000 });
  });

  test("gives up with the reason of Slack and without the address", async () => {
    await using server = await answering(404, "channel_not_found");
    const url = `${server.origin}/services/T0/B0/secret`;
    const failure = await expectFailure(send({ slack: { url: { env: "SLACK_URL" } } }, { SLACK_URL: url }));
    expect(failure).toMatchObject({ code: "REQUEST_REJECTED", disposition: "fail" });
    expect(failure.message).toContain("channel_not_found");
    expect(failure.message).not.toContain("secret");
  });

  test("takes no page for an answer of Slack", async () => {
    await using server = await answering(200, "<html>sign in</html>");
    const failure = await expectFailure(send({ slack: { url: `${server.origin}/services/T0/B0/secret` } }));
    expect(failure).toMatchObject({ code: "FORMAT_INVALID", disposition: "fail" });
  });
});

describe("a channel of PagerDuty", () => {
  test("raises an alarm and ends it by the same key", async () => {
    await using server = await answering(202, '{"status":"success"}');
    const pagerduty = { routingKey: "R0123456789", endpoint: server.origin };
    await send({ pagerduty });
    await send({ pagerduty }, {}, { ...someMessage, action: "resolve" });
    const [trigger, resolve] = server.received.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    expect(trigger).toMatchObject({
      routing_key: "R0123456789",
      event_action: "trigger",
      dedup_key: "millrace/shop/load/failed:abc",
      payload: { severity: "error", source: "shop", component: "load", class: "CONNECTION_FAILED" },
    });
    expect(resolve).toEqual({ routing_key: "R0123456789", event_action: "resolve", dedup_key: trigger?.["dedup_key"] });
    expect(server.received[0]?.path).toBe("/v2/enqueue");
  });

  test("is refused for good with a key that is wrong", async () => {
    await using server = await answering(400, '{"status":"invalid event"}');
    const failure = await expectFailure(send({ pagerduty: { routingKey: "R0123456789", endpoint: server.origin } }));
    expect(failure).toMatchObject({ code: "REQUEST_REJECTED", disposition: "fail" });
    expect(failure.message).toContain("invalid event");
  });
});

describe("a channel of SNS", () => {
  test("publishes with a signature, and to a FIFO topic with the ids of the message", async () => {
    await using server = await answering(200, "<PublishResponse/>");
    await send({ sns: { topicArn, endpoint: server.origin, ...keys } });
    await send({ sns: { topicArn: `${topicArn}.fifo`, endpoint: server.origin, ...keys } });
    const [plain, fifo] = server.received;
    const form = Object.fromEntries(new URLSearchParams(plain?.body));
    expect(form).toMatchObject({ Action: "Publish", TopicArn: topicArn, Subject: "shop: load failed" });
    expect(form["MessageGroupId"]).toBeUndefined();
    expect(plain?.headers.authorization).toContain(
      "/20260102/eu-central-1/sns/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date,",
    );
    expect(Object.fromEntries(new URLSearchParams(fifo?.body))).toMatchObject({
      MessageGroupId: "load/failed:abc",
      MessageDeduplicationId: someMessage.uid,
    });
  });

  test("takes a pause that SNS asks for with status 400 for what it is", async () => {
    await using server = await answering(400, xml("ThrottlingException"));
    const failure = await expectFailure(send({ sns: { topicArn, endpoint: server.origin, ...keys } }));
    expect(failure).toMatchObject({ code: "RATE_LIMITED", disposition: "retry" });
    expect(failure.message).toBe("SNS answered `ThrottlingException`: why");
  });

  test("gives up when there is no such topic", async () => {
    await using server = await answering(404, xml("NotFound"));
    const failure = await expectFailure(send({ sns: { topicArn, endpoint: server.origin, ...keys } }));
    expect(failure).toMatchObject({ disposition: "fail", hint: expect.stringContaining("topicArn") as unknown });
  });

  test("has the keys of the environment, or says that there are none", async () => {
    await using server = await answering(200, "<PublishResponse/>");
    const sns = { topicArn, endpoint: server.origin };
    const variables = { AWS_ACCESS_KEY_ID: "AKIDOTHER", AWS_SECRET_ACCESS_KEY: "another-secret-key" };
    await send({ sns }, variables);
    expect(server.received[0]?.headers.authorization).toContain("AKIDOTHER");
    expect(await expectFailure(send({ sns }))).toMatchObject({ code: "SECRET_MISSING" });
  });
});

describe("a webhook", () => {
  test("is signed over time and body, and has the id of the message", async () => {
    await using server = await answering(204, "");
    await send({ webhook: { url: server.origin, secret: "a shared secret", headers: { "x-team": "data" } } });
    const [request] = server.received;
    const timestamp = String(nowMs / 1_000);
    const expected = createHmac("sha256", "a shared secret")
      .update(`${timestamp}.${request?.body ?? ""}`)
      .digest("hex");
    expect(request?.headers).toMatchObject({
      "millrace-id": someMessage.uid,
      "millrace-timestamp": timestamp,
      "millrace-signature": `v1=${expected}`,
      "x-team": "data",
    });
    expect(JSON.parse(request?.body ?? "")).toMatchObject({
      id: someMessage.uid,
      notices: [{ job: "load", run: "r42" }],
    });
  });

  test.each([
    [400, "fail"],
    [401, "fail"],
    [404, "fail"],
    [413, "fail"],
    [408, "retry"],
    [429, "retry"],
    [500, "retry"],
    [503, "retry"],
    [307, "fail"],
  ])("answers %i: %s", async (status, disposition) => {
    await using server = await answering(status, "");
    expect(await expectFailure(send({ webhook: { url: server.origin } }))).toMatchObject({ disposition });
    expect(server.received).toHaveLength(1);
  });
});

test("nobody is told by a channel without a peer, and a channel that is not there is named", async () => {
  expect(await send({ noop: {} })).toEqual({});
  const failure = await expectFailure(send({ noop: {} }, {}, { ...someMessage, channel: "opps" }));
  expect(failure).toMatchObject({ code: "CHANNEL_UNKNOWN" });
  expect(failure.message).toBe("unknown channel `opps`, did you mean `ops`?");
});

test("a secret that is missing is named, and one in a text is masked", async () => {
  await using server = await answering(204, "");
  const url = { env: "HOOK" };
  expect(await expectFailure(send({ webhook: { url } }))).toMatchObject({ code: "SECRET_MISSING" });
  const [notice] = someMessage.notices;
  if (notice === undefined) throw new Error("the message has a notice");
  const leaky = { ...someMessage, notices: [{ ...notice, message: "failed with hunter2-hunter2" }] };
  await send(
    { webhook: { url, secret: { env: "SECRET" } } },
    { HOOK: server.origin, SECRET: "hunter2-hunter2" },
    leaky,
  );
  expect(server.received[0]?.body).toContain("failed with [masked]");
});

async function answering(status: number, body: string, headers: Record<string, string> = {}): Promise<BehavingServer> {
  return await startBehavingServer((_, response: ServerResponse) => {
    response.writeHead(status, headers).end(body);
  });
}

async function send(
  channel: ChannelOptions,
  variables: Readonly<Record<string, string>> = {},
  message: NotificationMessage = someMessage,
): Promise<Delivery> {
  await using sender = senderOf(channel, variables);
  return await sender.send(message, goOn);
}
