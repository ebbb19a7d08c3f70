// Notifications and channels over the handlers of the API.
import { expect, test } from "vitest";
import { routes } from "../../../src/api/routes.ts";
import type { NewNotice } from "../../../src/core/notification/notice.ts";
import { createRestFixture } from "../../support/server/rest-fixture.ts";

test("messages are listed page by page, with what went wrong, and one is shown whole", async () => {
  await using fixture = await createRestFixture([]);
  await fixture.store.enqueueNotices(["a", "b", "c"].map((key) => noticeOf(key)));
  const first = await fixture.call("listNotifications", { query: { limit: "2" } });
  expect(first).toMatchObject({ items: [{ id: 3, channel: "ops" }, { id: 2 }], given_up: 0 });
  const rest = await fixture.call("listNotifications", { query: { limit: "2", cursor: first.next_cursor ?? "" } });
  expect(rest).toMatchObject({ items: [{ id: 1, state: "waiting", problem: null }], next_cursor: null });
  const shown = await fixture.call("showNotification", { params: { notification_id: "1" } });
  expect(shown).toMatchObject({ id: 1, notices: [{ message: "it broke", code: "JOB_FAILED", hint: "repair it" }] });
  await expect(fixture.call("listNotifications", { query: { cursor: "x" } })).rejects.toMatchObject({
    code: "REQUEST_INVALID",
  });
  await expect(fixture.call("showNotification", { params: { notification_id: "9" } })).rejects.toMatchObject({
    code: "THING_UNKNOWN",
  });
});

test("a message to a channel that the project no longer has says so", async () => {
  await using fixture = await createRestFixture([]);
  await fixture.store.enqueueNotices([noticeOf("a", "gone")]);
  const { items } = await fixture.call("listNotifications", { query: {} });
  expect(items).toMatchObject([{ problem: { code: "CHANNEL_UNKNOWN", message: "the project has no channel `gone`" } }]);
});

test("one that was given up is sent again, and no other", async () => {
  await using fixture = await createRestFixture([]);
  await fixture.store.enqueueNotices([noticeOf("a")]);
  const retry = { params: { notification_id: "1" } };
  await expect(fixture.call("retryNotification", retry)).rejects.toMatchObject({ code: "TRANSITION_INVALID" });
  const [claimed] = await fixture.store.claimNotifications({ channels: ["ops"], limit: 1, leaseMs: 60_000 });
  const failure = { code: "RATE_LIMITED", message: "slow down" };
  await fixture.store.recordDelivery({ id: 1, attempt: claimed?.attempt ?? 0, is: "given_up", failure });
  expect(await fixture.call("listNotifications", { query: {} })).toMatchObject({ given_up: 1 });
  expect(await fixture.call("retryNotification", retry)).toMatchObject({ state: "waiting", attempts: 0 });
});

test("channels are listed without their secrets, and a test tells what came of it", async () => {
  await using fixture = await createRestFixture([]);
  const { items } = await fixture.call("listChannels", {});
  expect(items).toEqual([{ channel: "ops", kind: "slack", address: "https://hooks.slack.com" }]);
  expect(await fixture.call("testChannel", { params: { channel: "ops" } })).toMatchObject({
    sent: false,
    error: { code: "RATE_LIMITED", message: "Slack wants a pause" },
  });
  await expect(fixture.call("testChannel", { params: { channel: "opps" } })).rejects.toMatchObject({
    code: "THING_UNKNOWN",
    message: "unknown channel `opps`, did you mean `ops`?",
  });
});

test("who looks needs less than who sends", () => {
  const names = ["listNotifications", "showNotification", "listChannels", "testChannel", "retryNotification"] as const;
  expect(names.map((name) => routes[name].permission)).toEqual(["viewer", "viewer", "viewer", "operator", "operator"]);
});

function noticeOf(key: string, channel = "ops"): NewNotice {
  const route = { channel, groupMs: 0, repeatMs: null, after: 1, isPaging: false };
  const facts = { message: "it broke", code: "JOB_FAILED", hint: "repair it", run: "r1" };
  return {
    event: "succeeded",
    job: "load",
    severity: "info",
    key,
    routes: [route],
    ...facts,
    run: `r${key.charCodeAt(0)}`,
  };
}
