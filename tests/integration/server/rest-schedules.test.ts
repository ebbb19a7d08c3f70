// Schedules, their fires and the calendar, over a real store whose clock is the machine's.
import { describe, expect, it } from "vitest";
import { defineJob } from "../../../src/core/job/job.ts";
import { createSchedule, type ScheduleOptions } from "../../../src/core/schedule/schedule.ts";
import { toSubmission } from "../../../src/orchestrator/submission/to-submission.ts";
import type { Json } from "../../../src/store/rows/run-records.ts";
import type { NewFire } from "../../../src/store/schedules/schedule-store.ts";
import { publishDataset } from "../../support/server/publish-dataset.ts";
import { createRestFixture, type RestFixture } from "../../support/server/rest-fixture.ts";

const nightly = defineJob({ name: "nightly", schedule: { cron: "0 2 * * *" }, execute: () => 1 });
const hourly = defineJob({ name: "hourly", schedule: { every: "1h" }, execute: () => 1 });
const idle = defineJob({ name: "idle", execute: () => 1 });

const params = { job_name: "nightly" };

describe("schedules", () => {
  it("are listed with when and how they fire", async () => {
    await using fixture = await withSchedules({
      nightly: { cron: "30 2 * * *", timezone: "Europe/Berlin", dependencies: ["hourly"] },
      hourly: { every: "1h", overlap: "queue_one", missed: "none" },
    });
    expect((await fixture.call("listSchedules")).items).toMatchObject([
      { job_name: "hourly", timing: "every 1h", timezone: null, overlap: "queue_one", missed: "none", paused: false },
      {
        job_name: "nightly",
        timing: "30 2 * * * Europe/Berlin",
        timezone: "Europe/Berlin",
        next_fire_at: "2030-01-01T00:00:00.000Z",
        last_fire_at: null,
        last_run_id: null,
        dependencies: ["hourly"],
      },
    ]);
  });

  it("tell when they fire next, also while they are paused, but not when nobody fires them", async () => {
    await using fixture = await withSchedules({
      nightly: { cron: "0 2 * * *" },
      idle: { cron: "0 3 * * *" },
    });
    await fixture.call("putSchedule", { params, body: { paused: true } });
    const next = await fixture.call("listNextFires", { params, query: { count: "40" } });
    expect(next).toMatchObject({ job_name: "nightly", defined: true, paused: true, paused_by: "ada" });
    expect(next.items).toHaveLength(40);
    expect(next.items.every((at) => at.endsWith("T02:00:00.000Z"))).toBe(true);
    const undefinedOne = await fixture.call("listNextFires", { params: { job_name: "idle" } });
    expect(undefinedOne).toMatchObject({ defined: false, items: [] });
    const none = await fixture.refusal("listNextFires", { params: { job_name: "hourly" } });
    expect(none.code).toBe("THING_UNKNOWN");
  });

  it("of a form that only a later release knows are listed all the same", async () => {
    await using fixture = await createRestFixture([nightly]);
    const definition = { version: 2, whenever: true };
    await fixture.store.saveSchedules([{ name: "nightly", definition, nextFireAtMs: Date.UTC(2030, 0, 1) }]);
    expect((await fixture.call("listSchedules")).items).toMatchObject([{ timing: "unknown", overlap: "unknown" }]);
    const calendar = await fixture.call("showCalendar", { query: { from: "2029-12-31T00:00:00Z" } });
    expect(calendar.fires).toEqual([]);
  });

  it("are paused and resumed, unless somebody did so meanwhile", async () => {
    await using fixture = await withSchedules({ nightly: { cron: "0 2 * * *" } });
    const put = (body: object) => fixture.call("putSchedule", { params, body });
    expect(await put({ paused: true, was_paused: false, reason: "holidays" })).toMatchObject({
      paused: true,
      paused_by: "ada",
      next_fire_at: null,
    });
    const late = await fixture.refusal("putSchedule", { params, body: { paused: true, was_paused: false } });
    expect(late).toMatchObject({ code: "VERSION_CONFLICT", message: "the schedule of `nightly` was paused by ada" });
    const again = await fixture.call("putSchedule", { params, body: { paused: true } }, { name: "bob" });
    expect(again.paused_by).toBe("ada");
    expect(await put({ paused: false, was_paused: true })).toMatchObject({ paused: false, paused_by: null });
    const undone = await fixture.refusal("putSchedule", { params, body: { paused: false, was_paused: true } });
    expect(undone.code).toBe("VERSION_CONFLICT");
  });

  it("that the project no longer has fire no more, and can be removed, unlike those that it has", async () => {
    await using fixture = await withSchedules({
      nightly: { cron: "0 2 * * *" },
      gone: { every: "1h" },
      idle: { every: "1h" },
    });
    expect((await fixture.call("listSchedules")).items).toMatchObject([
      { job_name: "gone", defined: false, next_fire_at: null },
      { job_name: "idle", defined: false, next_fire_at: null },
      { job_name: "nightly", defined: true, next_fire_at: "2030-01-01T00:00:00.000Z" },
    ]);
    const calendar = await fixture.call("showCalendar", { query: { from: "2030-01-01T00:00:00Z" } });
    expect(new Set(calendar.fires.map(({ job_name }) => job_name))).toEqual(new Set(["nightly"]));
    const { items: jobs } = await fixture.call("listJobs");
    expect(jobs.find(({ job_name }) => job_name === "idle")?.schedule).toBeNull();
    for (const job_name of ["gone", "idle"]) await fixture.call("removeSchedule", { params: { job_name } });
    const kept = await fixture.refusal("removeSchedule", { params });
    expect([kept.code, kept.message]).toEqual([
      "TRANSITION_INVALID",
      "cannot remove the schedule of `nightly`: the project defines it",
    ]);
    expect((await fixture.refusal("removeSchedule", { params: { job_name: "idle" } })).code).toBe("THING_UNKNOWN");
    expect((await fixture.call("listSchedules")).items.map(({ job_name }) => job_name)).toEqual(["nightly"]);
  });

  it("that are not there are told from jobs that are not there", async () => {
    await using fixture = await withSchedules({});
    const codeOf = async (job_name: string, body: unknown = { paused: true }) =>
      (await fixture.refusal("putSchedule", { params: { job_name }, body })).code;
    expect(await codeOf("idle")).toBe("THING_UNKNOWN");
    expect(await codeOf("nobody")).toBe("JOB_UNKNOWN");
    expect(await codeOf("<script>")).toBe("JOB_UNKNOWN");
    expect(await codeOf("idle", { paused: "yes" })).toBe("REQUEST_INVALID");
    expect(await codeOf("idle", {})).toBe("REQUEST_INVALID");
    expect(await codeOf("idle", { paused: true, cron: "* * * * *" })).toBe("REQUEST_INVALID");
  });
});

describe("schedules that wait for something", () => {
  const options = { after: ["orders", "customers"], dependencies: ["hourly"] } as const;

  it("tell what has come, what is missing, and what holds them back once all has come", async () => {
    await using fixture = await withSchedules({ nightly: options });
    await publishDataset(fixture, idle, "orders");
    await lookOnce(fixture, { orders: 1 });
    await publishDataset(fixture, idle, "orders");
    const [waits] = (await fixture.call("listSchedules")).items;
    expect(waits).toMatchObject({ next_fire_at: null, missed: null, overlap: "queue_one", held_by: [] });
    expect(waits?.trigger).toMatchObject({
      summary: "waits for `customers`; 1 of 2 came",
      datasets: [
        { dataset: "orders", version: 2, seen_version: 1, is_new: true },
        { dataset: "customers", version: null, seen_version: null, is_new: false },
      ],
      files: null,
      has_come: false,
    });
    expect(waits?.trigger?.looked_at).not.toBeNull();
    await publishDataset(fixture, idle, "customers");
    const [come] = (await fixture.call("listSchedules")).items;
    expect(come?.trigger).toMatchObject({ has_come: true, summary: "has all that it waits for" });
    expect(come?.held_by).toEqual([{ job_name: "hourly", run_id: null, because: "not_run" }]);
  });

  it("tell which files are arriving", async () => {
    await using fixture = await withSchedules({ nightly: { files: { path: "inbox/*.csv" } } });
    await lookOnce(fixture, { done: { "inbox/a.csv": "1:1" }, arriving: { "inbox/b.csv": "1:1" } });
    const [schedule] = (await fixture.call("listSchedules")).items;
    expect(schedule?.trigger).toMatchObject({
      datasets: [],
      files: { path: "inbox/*.csv", taken: 1, arriving: ["inbox/b.csv"], arriving_count: 1 },
    });
  });

  it("say of a fire what it was for, and of its run why it was started", async () => {
    await using fixture = await withSchedules({ nightly: options });
    const submission = toSubmission(nightly, {
      params: {},
      createdBy: "schedule",
      tenant: "default",
      window: undefined,
    });
    const cause = { datasets: { orders: 3 } };
    await lookOnce(fixture, { orders: 3 }, [{ fireAtMs: longAgo, decision: "run", submission, cause }]);
    const [fire] = (await fixture.call("listFires", { params })).items;
    expect(fire?.cause).toEqual({ datasets: [{ dataset: "orders", version: 3 }], files: [], file_count: 0 });
    const why = await fixture.call("explainJob", { params });
    expect(why.summary).toBe("its schedule waits for `orders` and `customers`");
    expect(why.details.at(-1)).toContain(`as run ${fire?.run_id}, because version 3 of \`orders\` had come`);
    expect(why.run).toMatchObject({ run_id: fire?.run_id, job_name: "nightly" });
    expect(why.run?.details).toContain("its schedule started it, because version 3 of `orders` had come");
  });
});

describe("why a job starts, or does not", () => {
  it("is told of jobs with a schedule, without one, with one that nobody has taken up, and of none that is unknown", async () => {
    await using fixture = await withSchedules({ nightly: { cron: "0 2 * * *" } });
    const of = (job_name: string) => fixture.call("explainJob", { params: { job_name } });
    expect((await of("nightly")).summary).toContain("its schedule fires next at 2030-01-01T00:00:00Z");
    expect(await of("idle")).toEqual({
      job_name: "idle",
      summary: "has no schedule: it starts with a pipeline that it is in, or when somebody starts it",
      details: [],
      remedy: "`millrace start idle`",
      run: null,
    });
    expect((await of("hourly")).summary).toBe("has a schedule that no scheduler has taken up yet");
    expect((await fixture.refusal("explainJob", { params: { job_name: "nihgtly" } })).code).toBe("JOB_UNKNOWN");
  });

  it("names who paused the job", async () => {
    await using fixture = await withSchedules({ nightly: { cron: "0 2 * * *" } });
    await fixture.call("pauseJob", { params, body: { reason: "holidays" } });
    const { details, remedy } = await fixture.call("explainJob", { params });
    expect(details[0]).toBe("its runs are set aside, because ada paused the job: holidays");
    expect(remedy).toBe("`millrace resume nightly`");
  });
});

describe("fires", () => {
  it("are paged, newest first", async () => {
    await using fixture = await withSchedules({ nightly: { cron: "0 2 * * *" } });
    await fireOn(fixture, [1, 2, 3, 4, 5]);
    const first = await fixture.call("listFires", { params, query: { limit: "2" } });
    expect(first.items).toMatchObject([
      { fire_at: "2030-01-05T02:00:00.000Z", decision: "missed", run_id: null },
      { fire_at: "2030-01-04T02:00:00.000Z" },
    ]);
    const second = await fixture.call("listFires", {
      params,
      query: { limit: "2", cursor: String(first.next_cursor) },
    });
    expect(second.items.map(({ fire_at }) => fire_at.slice(0, 10))).toEqual(["2030-01-03", "2030-01-02"]);
    const last = await fixture.call("listFires", { params, query: { limit: "2", cursor: String(second.next_cursor) } });
    expect([last.items.length, last.next_cursor]).toEqual([1, null]);
  });

  it("refuse pages that are none", async () => {
    await using fixture = await withSchedules({ nightly: { cron: "0 2 * * *" } });
    expect((await fixture.call("listFires", { params })).items).toEqual([]);
    for (const query of [{ cursor: "r1" }, { cursor: "-1" }, { cursor: "1e9" }, { limit: "0" }, { page: "1" }]) {
      expect((await fixture.refusal("listFires", { params, query })).code).toBe("REQUEST_INVALID");
    }
    expect((await fixture.refusal("listFires", { params: { job_name: "idle" } })).code).toBe("THING_UNKNOWN");
  });
});

describe("the calendar", () => {
  const spring = { from: "2030-03-30T00:00:00Z", to: "2030-04-02T00:00:00Z" };
  const autumn = { from: "2030-10-26T00:00:00Z", to: "2030-10-29T00:00:00Z" };

  it("shows a fire that clocks going forward move, and the change", async () => {
    await using fixture = await withSchedules({ nightly: { cron: "30 2 * * *", timezone: "Europe/Berlin" } });
    const calendar = await fixture.call("showCalendar", { query: spring });
    expect(calendar.fires.map(({ at, local, dst }) => [at, local, dst])).toEqual([
      ["2030-03-30T01:30:00.000Z", "2030-03-30 02:30", null],
      ["2030-03-31T01:00:00.000Z", "2030-03-31 03:00", "moved"],
      ["2030-04-01T00:30:00.000Z", "2030-04-01 02:30", null],
    ]);
    const offsets = { offset_before_min: 60, offset_after_min: 120 };
    expect(calendar.transitions).toEqual([{ timezone: "Europe/Berlin", at: "2030-03-31T01:00:00.000Z", ...offsets }]);
    expect(calendar.truncated).toBe(false);
  });

  it("shows a fire whose local time comes twice when clocks go back", async () => {
    await using fixture = await withSchedules({
      nightly: { cron: "30 2 * * *", timezone: "Europe/Berlin" },
      hourly: { cron: "0 * * * *", timezone: "Europe/Berlin" },
    });
    const calendar = await fixture.call("showCalendar", { query: { ...autumn, job: "nightly" } });
    expect(calendar.fires.map(({ at, dst }) => [at, dst])).toEqual([
      ["2030-10-26T00:30:00.000Z", null],
      ["2030-10-27T00:30:00.000Z", "repeated"],
      ["2030-10-28T01:30:00.000Z", null],
    ]);
    const all = await fixture.call("showCalendar", { query: autumn });
    const repeated = all.fires.filter(({ job_name, dst }) => job_name === "hourly" && dst === "repeated");
    expect(repeated.map(({ at, local }) => [at, local])).toEqual([
      ["2030-10-27T00:00:00.000Z", "2030-10-27 02:00"],
      ["2030-10-27T01:00:00.000Z", "2030-10-27 02:00"],
    ]);
    expect(all.transitions).toHaveLength(1);
  });

  it("has what fired with what became of it, and nothing to come of a paused schedule", async () => {
    await using fixture = await withSchedules({ nightly: { cron: "0 2 * * *" }, hourly: { every: "1h" } });
    await fixture.store.pauseSchedule("hourly", true, "ann");
    const nowMs = await fixture.store.readClockMs();
    const nightMs = Math.floor(nowMs / 86_400_000) * 86_400_000 - 22 * 3_600_000;
    await fireAt(fixture, [nightMs], Date.UTC(2030, 0, 1));
    const from = new Date(nightMs - 3_600_000).toISOString();
    const calendar = await fixture.call("showCalendar", { query: { from } });
    const at = new Date(nightMs).toISOString();
    expect(calendar.fires).toMatchObject([{ job_name: "nightly", at, decision: "missed", dst: null, timezone: "UTC" }]);
  });

  it("stops at 5,000 fires and says so, earliest first", async () => {
    await using fixture = await withSchedules({ hourly: { cron: "* * * * *" }, nightly: { cron: "0 2 * * *" } });
    const query = { from: "2030-01-01T00:00:00Z", to: "2030-02-01T00:00:00Z" };
    const { fires, truncated } = await fixture.call("showCalendar", { query });
    expect([fires.length, truncated]).toEqual([5_000, true]);
    const nights = fires.filter(({ job_name, at }) => job_name === "nightly" && at.includes("T02:00"));
    expect(nights).toHaveLength(4);
    expect(fires.map(({ at }) => at)).toEqual(fires.map(({ at }) => at).toSorted());
  });

  const bad: readonly Record<string, string>[] = [
    { from: "yesterday" },
    { from: "2030-02-30T00:00:00Z" },
    { from: "2030-01-02T00:00:00Z", to: "2030-01-01T00:00:00Z" },
    { from: "2030-01-01T00:00:00Z", to: "2030-02-02T00:00:00Z" },
    { from: "2030-01-01" },
    { days: "7" },
  ];

  it.each(bad)("refuses %o", async (query) => {
    await using fixture = await withSchedules({});
    expect((await fixture.refusal("showCalendar", { query })).code).toBe("REQUEST_INVALID");
  });

  it("refuses jobs that do not exist", async () => {
    await using fixture = await withSchedules({});
    expect((await fixture.refusal("showCalendar", { query: { job: "nihgtly" } })).code).toBe("JOB_UNKNOWN");
  });
});

async function withSchedules(schedules: Readonly<Record<string, ScheduleOptions>>): Promise<RestFixture> {
  const fixture = await createRestFixture([nightly, hourly, idle]);
  const nextFireAtMs = Date.UTC(2030, 0, 1);
  await fixture.store.saveSchedules(
    Object.entries(schedules).map(([name, options]) => {
      // Schedules are plain JSON.
      return { name, definition: JSON.parse(JSON.stringify(createSchedule(name, options))), nextFireAtMs };
    }),
  );
  return fixture;
}

/** A look that leaves what it has seen. */
async function lookOnce(fixture: RestFixture, seen: Json, fires: readonly NewFire[] = []): Promise<void> {
  await fixture.store.fire([
    { name: "nightly", seenFireAtMs: Date.UTC(2030, 0, 1), nextFireAtMs: longAgo, fires, seen },
  ]);
}

/** A schedule that looks at this instant next is due. */
const longAgo = Date.UTC(2020, 0, 1);

async function fireOn(fixture: RestFixture, days: readonly number[]): Promise<void> {
  await fireAt(
    fixture,
    days.map((day) => Date.UTC(2030, 0, day, 2)),
    Date.UTC(2031, 0, 1),
  );
}

async function fireAt(fixture: RestFixture, instants: readonly number[], nextFireAtMs: number): Promise<void> {
  const fires = instants.map((fireAtMs) => ({ fireAtMs, decision: "missed" as const }));
  await fixture.store.fire([{ name: "nightly", seenFireAtMs: Date.UTC(2030, 0, 1), nextFireAtMs, fires }]);
}
