// Topics, groups and dead letters at the command line, on the store and through a server.
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { CommandResult } from "../../support/cli/command-line.ts";
import { createStreamProject, type StreamProject } from "../../support/cli/stream-project.ts";

let project: StreamProject;
const answers = new Map<string, { readonly store: CommandResult; readonly server: CommandResult }>();

const read: readonly (readonly string[])[] = [
  ["topic"],
  ["topic", "describe", "orders"],
  ["topic", "describe", "ordes"],
  ["topic", "peek", "orders"],
  ["topic", "peek", "orders", "--key", "c"],
  ["topic", "peek", "orders", "--partition", "0", "--offset", "2"],
  ["topic", "peek", "orders", "--since", "2026-01-01T00:02:00Z", "--limit", "1"],
  ["topic", "dead-letters"],
  ["topic", "dead-letters", "show", "1"],
  ["topic", "dead-letters", "show", "99"],
  ["topic", "dead-letters", "retry", "--group", "idle"],
  ["topic", "trim", "orders", "--all"],
  ["topic", "trim", "orders", "--before", "1"],
  ["topic", "delete", "orders"],
  ["group"],
  ["group", "describe", "idle"],
  ["group", "describe", "idel"],
  ["group", "seek", "idle", "--to", "start"],
  ["replay", "list"],
  ["replay", "idle"],
  ["replay", "idle", "--from", "soon"],
  ["replay", "swap", "idle@replay-1"],
  ["group", "seek", "idle", "--to", "2026-01-01T00:03:00Z"],
];

const lines = read.flatMap((args) => [args, [...args, "--json"]]).map((args) => args.join(" "));

beforeAll(async () => {
  project = await createStreamProject();
  // All are asked beforehand, since connections to the server outlive a test.
  vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 0, 1, 1) });
  for (const line of lines) {
    const args = line.split(" ");
    answers.set(line, { store: await project.store.run(...args), server: await project.server.run(...args) });
  }
  vi.useRealTimers();
});

afterAll(async () => {
  await project[Symbol.asyncDispose]();
});

describe("what changes nothing", () => {
  test.each(lines)("is the same on the store and through a server: %s", (line) => {
    const { store, server } = answers.get(line)!;
    expect(withoutAges(server)).toEqual(withoutAges(store));
    expect(store.stdout + store.stderr).not.toBe("");
  });
});

test("a topic is listed with its records and how far its group is", async () => {
  const { stdout } = await project.store.run("topic", "describe", "orders", "--json");
  expect(JSON.parse(stdout)).toMatchObject({
    schema_version: 1,
    topic: "orders",
    records: 4,
    retention_ms: 3_600_000,
    defined: false,
    groups: [{ group: "idle", lag: 2 }],
  });
  const { stdout: peeked } = await project.store.run("topic", "peek", "orders", "--limit", "2");
  expect(peeked.split("\n")[1]).toMatch(/0@3 d \{"id":"d","total":3\}$/);
});

test("names that nobody knows end with the code of what is not found", async () => {
  for (const args of [
    ["topic", "peek", "nope"],
    ["group", "describe", "nope"],
    ["topic", "dead-letters", "show", "77"],
  ]) {
    expect(await project.store.run(...args)).toMatchObject({ exitCode: 4 });
  }
  expect(await project.store.run("topic", "describe")).toMatchObject({ exitCode: 2 });
  expect(await project.store.run("group", "seek", "idle")).toMatchObject({ exitCode: 2 });
});

test("all dead letters of a group are counted before they are retried, and two numbers are two", async () => {
  const all = await project.store.run("topic", "dead-letters", "retry", "--group", "idle");
  expect(all).toMatchObject({ exitCode: 0, stdout: "would retry 1 dead letter\n" });
  const some = await project.store.run("topic", "dead-letters", "retry", "98", "99", "--dry-run");
  expect(some.stderr).not.toContain("expected the number");
});

test.each(["store", "server"] as const)(
  "tail shows what comes, or what is there from a place on, until it is interrupted: %s",
  async (way) => {
    const topic = `followed_on_${way}`;
    await project.app.store.declareTopic({ name: topic, partitions: 2, retentionMs: undefined });
    const produce = async (...ids: readonly string[]) =>
      await project.app.streams.produce(topic, {
        records: ids.map((id) => ({ value: { id }, key: id, headers: {}, atMs: Date.now() })),
        idempotencyKey: undefined,
      });
    await produce("before");
    const next = project[way].begin("topic", "tail", topic);
    await expect.poll(() => next.output.stderr).toContain(`waiting for records of ${topic}`);
    const all = project[way].begin("topic", "tail", topic, "--from", "start", "--json");
    await produce("a", "b");
    await produce("c");
    await expect.poll(() => next.output.stdout.split("\n").length, { timeout: 10_000 }).toBe(4);
    await expect.poll(() => all.output.stdout.split("\n").length, { timeout: 10_000 }).toBe(5);
    process.emit("SIGINT");
    const [shown, told] = await Promise.all([next.ended, all.ended]);
    expect([shown.exitCode, told.exitCode]).toEqual([0, 0]);
    expect(shown.stdout).not.toContain("before");
    const keys = told.stdout
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { key: { text: string } }).key.text);
    expect(keys.toSorted()).toEqual(["a", "b", "before", "c"]);
  },
);

describe("produce", () => {
  test("appends lines in batches, and with a key of the caller each once", async () => {
    await project.app.store.declareTopic({ name: "lines", partitions: 1, retentionMs: undefined });
    const lines = Array.from({ length: 1_201 }, (_, n) => `${JSON.stringify({ n })}\n`).join("");
    await project.files.write("lines.ndjson", lines);
    const args = [
      "topic",
      "produce",
      "lines",
      "--file",
      `${project.files.path}/lines.ndjson`,
      "--idempotency-key",
      "k",
    ];
    expect(await project.store.run(...args)).toMatchObject({
      exitCode: 0,
      stdout: "appended 1,201 records to lines\n",
    });
    expect(await project.store.run(...args, "--json")).toMatchObject({
      stdout: '{"schema_version":1,"topic":"lines","records":1201}\n',
    });
    const { stdout } = await project.store.run("topic", "describe", "lines", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ records: 1_201 });
  });

  test("of nothing is refused where there is no such topic", async () => {
    await project.app.store.declareTopic({ name: "quiet", partitions: 1, retentionMs: undefined });
    await project.files.write("empty.ndjson", "\n");
    const produce = async (topic: string) =>
      await project.store.run("topic", "produce", topic, "--file", `${project.files.path}/empty.ndjson`);
    expect(await produce("quiet")).toMatchObject({ exitCode: 0, stdout: "appended 0 records to quiet\n" });
    const { exitCode, stdout, stderr } = await produce("quiett");
    expect([exitCode, stdout]).toEqual([4, ""]);
    expect(stderr).toContain("unknown topic `quiett`, did you mean `quiet`?");
  });

  test("names the line that is no JSON, and says what is in the topic", async () => {
    await project.app.store.declareTopic({ name: "half", partitions: 1, retentionMs: undefined });
    const lines = Array.from({ length: 700 }, (_, n) => (n === 650 ? "{oops\n" : `${n}\n`)).join("");
    await project.files.write("half.ndjson", lines);
    const file = `${project.files.path}/half.ndjson`;
    const { exitCode, stderr } = await project.server.run("topic", "produce", "half", "--file", file);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("line 651: expected JSON");
    expect(stderr).toContain("500 records of the lines before 501 are in the topic, and none of the others");
  });

  test("takes key, headers and time of lines that are records", async () => {
    await project.app.store.declareTopic({ name: "keyed", partitions: 1, retentionMs: undefined });
    const line = { value: 1, key: "k", headers: { source: "test" }, at: "2026-02-01T00:00:00Z" };
    await project.files.write("keyed.ndjson", `${JSON.stringify(line)}\n`);
    const file = `${project.files.path}/keyed.ndjson`;
    await project.server.run("topic", "produce", "keyed", "--file", file, "--records");
    const { stdout } = await project.store.run("topic", "peek", "keyed", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      at: "2026-02-01T00:00:00.000Z",
      key: { text: "k" },
      value: { json: 1 },
      headers: [{ name: "source", value: { text: "test" } }],
    });
    await project.files.write("wrong.ndjson", '{"key":"k"}\n');
    const wrong = `${project.files.path}/wrong.ndjson`;
    expect(await project.store.run("topic", "produce", "keyed", "--file", wrong, "--records")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("line 1: expected an object with `value`") as unknown,
    });
  });
});

test("a group is put back, a dead letter retried with another value, a topic trimmed and deleted", async () => {
  const { store } = project;
  expect(await store.run("group", "seek", "idle", "--to", "start", "--yes")).toMatchObject({
    stdout: "orders/0: 2 to 0\n",
    stderr: "2 records handled again\n",
  });
  expect(await store.run("topic", "dead-letters", "retry", "1", "--value", '{"id":"b2"}')).toMatchObject({
    stdout: "1 dead letter will be handled again\n",
  });
  expect(await store.run("topic", "dead-letters", "discard", "1")).toMatchObject({ exitCode: 1 });
  expect(await store.run("topic", "trim", "orders", "--all", "--yes")).toMatchObject({ exitCode: 2 });
  expect(await store.run("topic", "trim", "orders", "--all", "--unread", "--yes")).toMatchObject({
    stdout: "forgot 4 records of orders\n",
  });
  expect(await store.run("topic", "delete", "orders", "--yes")).toMatchObject({
    stdout: "deleted orders with 0 records\n",
  });
  expect(await store.run("topic", "describe", "orders")).toMatchObject({ exitCode: 4 });
  const audit = await project.app.store.listAudit({ limit: 50 });
  const retried = audit.find(({ action }) => action === "retryDeadLetters");
  expect(retried?.detail).toEqual({ ids: [1] });
});

// How long a record waits grows between two questions.
function withoutAges<Result extends { readonly stdout: string }>(result: Result): Result {
  const stdout = result.stdout
    .replaceAll(/"(?:lag_ms|rate_in|rate_out|rate)":[\d.]+|"(?:rate_in|rate_out|rate)":null/g, "")
    .replaceAll(/the oldest \S+ old/g, "")
    .replaceAll(/ \d+(?:ms|s|m|h|d)\S* +/g, " ");
  return { ...result, stdout };
}
