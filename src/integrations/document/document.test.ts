// Schedules and retries of the job guide, read as they are written there.
import { expect, test } from "vitest";
import { expectThrown } from "../../../tests/support/expect-thrown.ts";
import { readRetry } from "./retry-config.ts";
import { readSchedule } from "./schedule-config.ts";

const schedules = {
  github_job: { interval: "4_hours", fast_recovery: "30_minutes", dependencies: [] },
  jira_job: { interval: "6_hours", fast_recovery: "1_hour", dependencies: [] },
  sleep_job: { interval: "15_minutes", dependencies: ["github_job", "jira_job"] },
};

test("a schedule of the guide is that of this package, alone or out of the whole object", () => {
  expect(readSchedule("job `x`", "github_job", schedules)).toEqual({ every: "4h", fastRecovery: "30m" });
  expect(readSchedule("job `x`", "x", schedules.sleep_job)).toEqual({
    every: "15m",
    dependencies: ["github_job", "jira_job"],
  });
  expect(readSchedule("job `x`", "another_job", schedules)).toBeUndefined();
  expect(readSchedule("job `x`", "x", { cron: "@daily" })).toEqual({ cron: "@daily" });
});

test("an interval that cannot be read is refused by its name", () => {
  const { message } = expectThrown(() => readSchedule("job `x`", "x", { interval: "often" }), "JOB_INVALID");
  expect(message).toBe(
    "expected `interval` of `schedule` of job `x` to be a number and a unit such as `4_hours` or `30_minutes`, got: `often`",
  );
});

test("retries of the guide are those of whole runs", () => {
  const conditions = ["network_timeout", "api_rate_limit", "temporary_service_error"];
  const config = { max_retries: 3, base_delay: 300, exponential_backoff: true, jitter: true };
  expect(readRetry("job `x`", { ...config, retry_conditions: conditions })).toEqual({
    maxRetries: 3,
    baseDelay: "300000ms",
    backoff: "exponential",
    jitter: true,
    retryOn: ["network_timeout", "rate_limit", "service_unavailable"],
  });
  expect(readRetry("job `x`", { max_retries: 1, base_delay: 2, exponential_backoff: false })).toMatchObject({
    backoff: "constant",
  });
  expect(readRetry("job `x`", { maxRetries: 1 })).toEqual({ maxRetries: 1 });
  const unknown = { max_retries: 1, base_delay: 1, retry_conditions: ["luck"] };
  expect(expectThrown(() => readRetry("job `x`", unknown), "JOB_INVALID").message).toContain("got: `luck`");
});
