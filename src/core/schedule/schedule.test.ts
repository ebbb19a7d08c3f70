import { expect, test } from "vitest";
import { defineJob } from "../job/job.ts";
import { JobPipeline } from "../job/pipeline.ts";
import { createSchedule, type ScheduleOptions } from "./schedule.ts";
import { parseScheduleDefinition } from "./schedule-definition.ts";

test("a schedule gets its defaults", () => {
  expect(createSchedule("a", { cron: "0 6 * * 1-5" })).toEqual({
    version: 1,
    timing: { kind: "cron", cron: "0 6 * * 1-5", timezone: "UTC" },
    fastRecoveryMs: null,
    missed: "latest",
    maxAgeMs: null,
    overlap: "skip",
    dependencies: [],
    jitterMs: 0,
    window: false,
    params: {},
  });
  expect(createSchedule("a", { every: "4h", anchor: "2026-01-01T06:00:00Z" }).timing).toEqual({
    kind: "interval",
    everyMs: 14_400_000,
    anchorMs: Date.UTC(2026, 0, 1, 6),
  });
});

test("intervals with fast recovery and dependencies are said as they are meant", () => {
  const github = defineJob({
    name: "github_job",
    schedule: { every: "4h", fastRecovery: "30m" },
    execute: () => 1,
  });
  const sleep = defineJob({
    name: "sleep_job",
    schedule: { every: "15m", dependencies: ["github_job", "jira_job"] },
    execute: () => 1,
  });
  expect(github.schedule).toMatchObject({ timing: { everyMs: 14_400_000 }, fastRecoveryMs: 1_800_000 });
  expect(sleep.schedule?.dependencies).toEqual(["github_job", "jira_job"]);
  expect(defineJob({ name: "a", execute: () => 1 }).schedule).toBeUndefined();
});

test("a pipeline has a schedule, and refuses options that it does not know", () => {
  expect(new JobPipeline("daily", { schedule: { cron: "@daily" } }).schedule?.timing).toMatchObject({ cron: "@daily" });
  const misspelt = { schedul: {} };
  expect(() => new JobPipeline("daily", misspelt as object)).toThrowError(
    "unknown option `schedul` of pipeline `daily`, did you mean `schedule`?",
  );
});

test("what the store keeps is read back, and what another release wrote is not", () => {
  const schedule = createSchedule("a", {
    cron: "30 2 * * *",
    timezone: "Europe/Berlin",
    missed: "all",
    maxAge: "2d",
    overlap: "queue_one",
    fastRecovery: "10m",
    jitter: "5m",
    window: true,
    params: { full: true, list: [1, null] },
  });
  const stored: unknown = JSON.parse(JSON.stringify(schedule));
  expect(parseScheduleDefinition(stored)).toEqual(schedule);
  for (const waiting of [{ after: ["b", "c"], any: true }, { files: { path: "in/*.csv", every: "5m" } }] as const) {
    const trigger = createSchedule("a", waiting);
    expect(parseScheduleDefinition(JSON.parse(JSON.stringify(trigger)))).toEqual(trigger);
  }
  const changes = [
    { version: 2 },
    { more: 1 },
    { missed: "some" },
    { timing: { ...schedule.timing, timezone: "Mars/Base" } },
  ];
  for (const change of changes) expect(parseScheduleDefinition({ ...schedule, ...change })).toBeUndefined();
});

test.each<[object, string]>([
  [{}, "expected the schedule of `a` to have one of `cron`, `every`, `after` and `files`, got: `none`"],
  [{ cron: "0 6 * * *", every: "1h" }, "`after` and `files`, got: `cron, every`"],
  [{ after: ["b"], files: { path: "x" } }, "`after` and `files`, got: `after, files`"],
  [{ after: [] }, "got: `[]`"],
  [{ every: "1h", any: true }, "`any` of the schedule of `a` goes with `after` alone"],
  [
    { after: ["b"], missed: "all" },
    "expected `missed` of the schedule of `a` to be left out beside `after` and `files`",
  ],
  [{ files: { path: "x" }, window: true }, "expected `window` of the schedule of `a` to be left out beside"],
  [{ files: { path: "x", every: "1ms" } }, "got: `1ms`"],
  [{ files: { paht: "x" } }, "`paht`"],
  [{ evry: "1h" }, "unknown option `evry` of the schedule of `a`, did you mean `every`?"],
  [
    { every: "0s" },
    "expected `every` of the schedule of `a` to be a duration of at least one second, such as `30m`, got: `0s`",
  ],
  [{ every: "-5m" }, "at least one second, such as `30m`, got: `-5m`"],
  [{ every: "10ms" }, "at least one second, such as `30m`, got: `10ms`"],
  [{ every: 5 }, "at least one second, such as `30m`, got: `5`"],
  [{ every: "4 hours" }, "at least one second, such as `30m`, got: `4 hours`"],
  [{ every: "1h", timezone: "UTC" }, "`timezone` of the schedule of `a` goes with `cron` alone"],
  [{ cron: "@daily", anchor: "2026-01-01" }, "`anchor` of the schedule of `a` goes with `every` alone"],
  [{ every: "1h", anchor: "noon" }, "to be a date or an instant with a zone, got: `noon`"],
  [{ cron: "0 0 30 2 *" }, "no date ever matches the cron expression, got: `0 0 30 2 *`"],
  [{ cron: "@daily", timezone: "Europe/Berln" }, "unknown time zone `Europe/Berln`, did you mean `Europe/Berlin`?"],
  [
    { every: "1h", fastRecovery: "2h" },
    "expected `fastRecovery` of the schedule of `a` to be shorter than `every` (1h), got: `2h`",
  ],
  [
    { every: "1h", jitter: "1h" },
    "expected `jitter` of the schedule of `a` to be shorter than `every` (1h), got: `1h`",
  ],
  [{ cron: "@daily", jitter: "2d" }, "to be a duration from one second to one day, such as `5m`, got: `2d`"],
  [{ every: "1h", missed: "last" }, "to be one of `none`, `latest`, `all`, got: `last`, did you mean `latest`?"],
  [{ every: "1h", overlap: "queue" }, "`cancel_running`, got: `queue`, did you mean `queue_one`?"],
  [
    { every: "1h", missed: "none", maxAge: "1d" },
    "expected `maxAge` of the schedule of `a` to be left out, because `missed` is `none`, got: `1d`",
  ],
  [{ every: "1h", dependencies: ["a"] }, "to be other jobs than its own, got: `a`"],
  [{ every: "1h", dependencies: ["b", "b"] }, "to be without duplicates"],
  [{ every: "1h", dependencies: "b" }, "to be a list of names of jobs, got: `b`"],
  [{ every: "1h", window: 1 }, "to be true or false, got: `1`"],
  [
    { every: "1h", params: { at: () => 1 } },
    "expected `at` of `params` of the schedule of `a` to be a JSON value, got: `a function`",
  ],
])("%j is refused", (options, message) => {
  expect(() => createSchedule("a", options as ScheduleOptions)).toThrowError(message);
});
