import { expect, test } from "vitest";
import { expectThrown } from "../../tests/support/expect-thrown.ts";
import { toNotifications } from "./to-notifications.ts";

test("each key is a channel of its own, in the words of channels, and secrets stay references", () => {
  const told = toNotifications("job `load`", {
    job_failed_notifications: {
      notification_service: "SNS",
      topic_arn: "arn:aws:sns:eu-west-1:123456789012:t",
      access_key_id: "${env:KEY_ID}",
      secret_access_key: "${env:KEY}",
    },
    job_success_notifications: { notification_service: "SLACK", url: "${env:SLACK_URL}" },
    data_quality_notifications: {
      notification_service: "EMAIL",
      host: "smtp",
      from: "a@example.com",
      to: ["c@example.com"],
    },
  });
  expect(told).toEqual({
    failed: [
      {
        sns: {
          topicArn: "arn:aws:sns:eu-west-1:123456789012:t",
          accessKeyId: { env: "KEY_ID" },
          secretAccessKey: { env: "KEY" },
        },
      },
    ],
    succeeded: [{ slack: { url: { env: "SLACK_URL" } } }],
    quality: [{ email: { host: "smtp", from: "a@example.com", to: ["c@example.com"] } }],
  });
});

test("`NOOP`, or nothing said, is nobody", () => {
  expect(toNotifications("job `load`", { job_failed_notifications: { notification_service: "NOOP" } })).toEqual({});
});

test("another service is refused with those that are known", () => {
  const wrong = { data_quality_notifications: { notification_service: "SLAK" } };
  expect(expectThrown(() => toNotifications("job `load`", wrong), "JOB_INVALID")).toMatchObject({
    message:
      "expected `notification_service` of `data_quality_notifications` of job `load` to be one of `EMAIL`, `SLACK`, `SNS`, `PAGERDUTY`, `WEBHOOK`, `NOOP`, got: `SLAK`, did you mean `SLACK`?",
    details: { option: ["data_quality_notifications", "notification_service"] },
  });
});

test("an option that a service lacks is refused with its key", () => {
  const wrong = { job_failed_notifications: { notification_service: "EMAIL", host: "smtp", from: "a@example.com" } };
  expect(expectThrown(() => toNotifications("job `load`", wrong), "JOB_INVALID").message).toContain(
    "expected `to` of `email` of `job_failed_notifications` of job `load` to be a list of one or more mail addresses",
  );
});
