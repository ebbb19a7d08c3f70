// Log lines of a run and of all runs in it: in order of time, page by page in both directions, by level and text.
import { expect, test } from "vitest";
import type { RunId } from "../../../../src/core/run-id.ts";
import type { LogSearch } from "../../../../src/store/search/search-store.ts";
import type { LogLevel, NewLogLine } from "../../../../src/store/rows/run-records.ts";
import { codeOf, createStoreFixture, type CreateStore, newRun, type StoreFixture } from "../store-fixture.ts";

export function describeBrowsingLogs(createStore: CreateStore): void {
  test("lines of a pipeline and its members come in order of time, and those of a member alone", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { pipeline, a, b } = await submitPipeline(fixture);
    await write(fixture, [a, 30, "a2"], [b, 20, "b1"]);
    await write(fixture, [a, 10, "a1"], [pipeline, 40, "p"], [a, 40, "a3"]);
    expect(await messages(fixture, { runId: pipeline, limit: 10 })).toEqual(["a1", "b1", "a2", "p", "a3"]);
    expect(await messages(fixture, { runId: b, limit: 10 })).toEqual(["b1"]);
    const page = await fixture.store.searchLogs({ runId: a, limit: 10 });
    expect(page.lines.map(({ message, job, runId }) => [message, job, runId])).toEqual([
      ["a2", "a", a],
      ["a1", "a", a],
      ["a3", "a", a],
    ]);
  });

  test("pages lead through all lines in both directions, and on to lines that come later", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { pipeline, a, b } = await submitPipeline(fixture);
    const lines = Array.from({ length: 23 }, (_, at): Line => [at % 3 === 0 ? b : a, Math.floor(at / 2), `line ${at}`]);
    await write(fixture, ...lines);
    for (const runId of [pipeline, a]) {
      const expected = (await messages(fixture, { runId, limit: 100 })).map(String);
      expect(expected.length).toBeGreaterThan(10);
      expect(await readAll(fixture, { runId, limit: 4 }, "after")).toEqual(expected);
      expect(await readAll(fixture, { runId, limit: 4, tail: true }, "before")).toEqual(expected);
    }
    const tail = await fixture.store.searchLogs({ runId: pipeline, limit: 3, tail: true });
    expect(tail).toMatchObject({ hasBefore: true, hasAfter: false });
    const cursor = tail.afterCursor ?? "";
    expect(await fixture.store.searchLogs({ runId: pipeline, limit: 3, after: cursor })).toMatchObject({
      lines: [],
      hasBefore: true,
      hasAfter: false,
      afterCursor: cursor,
    });
    await write(fixture, [b, 1_000, "late"]);
    expect(await messages(fixture, { runId: pipeline, limit: 3, after: cursor })).toEqual(["late"]);
  });

  test("levels and text choose lines, also in their fields and whatever the case", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runId = await fixture.submit();
    const say = (atMs: number, level: LogLevel, message: string, fields?: NewLogLine["fields"]): NewLogLine => ({
      runId,
      atMs,
      level,
      message,
      ...(fields === undefined ? {} : { fields }),
    });
    await fixture.store.appendLogs([
      say(1, "debug", "50% of Äpfel"),
      say(2, "info", "fetched", { url: 'https://x.example/?q="a"' }),
      say(3, "warn", "slow_query"),
      say(4, "error", "host is AWAY"),
    ]);
    const find = (filter: Omit<LogSearch, "runId" | "limit">) => messages(fixture, { runId, limit: 10, ...filter });
    expect(await find({ level: "info" })).toEqual(["fetched", "slow_query", "host is AWAY"]);
    expect(await find({ level: "warn", text: "away" })).toEqual(["host is AWAY"]);
    expect(await find({ text: '?Q="A"' })).toEqual(["fetched"]);
    expect(await find({ text: "äPFEL" })).toEqual(["50% of Äpfel"]);
    expect(await find({ text: "%" })).toEqual(["50% of Äpfel"]);
    expect(await find({ text: "w_q" })).toEqual(["slow_query"]);
    expect(await find({ text: "upfel", level: "debug" })).toEqual([]);
  });

  test("a search through many lines stops soon and goes on from where it stopped", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runId = await fixture.submit();
    for (let block = 0; block < 4; block += 1) {
      await write(
        fixture,
        ...Array.from({ length: 4_000 }, (_, at): Line => [runId, block * 4_000 + at, `line ${at}`]),
      );
    }
    await write(fixture, [runId, 20_000, "needle"]);
    const search = { runId, limit: 5, text: "needle" };
    const first = await fixture.store.searchLogs(search);
    expect(first).toMatchObject({ lines: [], hasBefore: false, hasAfter: true });
    expect(await messages(fixture, { ...search, after: first.afterCursor ?? "" })).toEqual(["needle"]);
    expect(await messages(fixture, { ...search, tail: true })).toEqual(["needle"]);
  });

  test("a run without lines, an unknown run and a broken cursor", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    const runId = await fixture.submit();
    const nothing = { lines: [], hasBefore: false, hasAfter: false, beforeCursor: undefined, afterCursor: undefined };
    expect(await store.searchLogs({ runId, limit: 10 })).toEqual(nothing);
    expect(await store.searchLogs({ runId, limit: 10, tail: true, level: "warn" })).toEqual(nothing);
    expect(await store.searchLogs({ runId: 4711 as RunId, limit: 10 })).toEqual(nothing);
    for (const after of ["", "1", "1.2", "1.2.3.4", "a.b.c", "1.2.3' or 1=1"]) {
      expect(await codeOf(store.searchLogs({ runId, limit: 10, after }))).toBe("VALUE_INVALID");
    }
  });

  test("a pipeline inside a pipeline has the lines of its own members", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runs = [
      newRun({ job: "outer", kind: "pipeline" }),
      newRun({ job: "inner", kind: "pipeline", parent: 0 }),
      newRun({ job: "deep", parent: 1 }),
      newRun({ job: "beside", parent: 0 }),
    ];
    const { runIds } = await fixture.store.submit({ runs, edges: [] });
    const [outer, inner, deep, beside] = runIds;
    if (!outer || !inner || !deep || !beside) throw new Error("four runs were submitted");
    await write(fixture, [deep, 1, "deep"], [beside, 2, "beside"], [inner, 3, "inner"]);
    expect(await messages(fixture, { runId: outer, limit: 10 })).toEqual(["deep", "beside", "inner"]);
    expect(await messages(fixture, { runId: inner, limit: 10 })).toEqual(["deep", "inner"]);
  });
}

type Line = readonly [runId: RunId, atMs: number, message: string];

async function submitPipeline({ store }: StoreFixture): Promise<{ pipeline: RunId; a: RunId; b: RunId }> {
  const runs = [
    newRun({ job: "p", kind: "pipeline" }),
    newRun({ job: "a", parent: 0 }),
    newRun({ job: "b", parent: 0 }),
  ];
  const [pipeline, a, b] = (await store.submit({ runs, edges: [] })).runIds;
  if (!pipeline || !a || !b) throw new Error("three runs were submitted");
  return { pipeline, a, b };
}

async function write({ store }: StoreFixture, ...lines: Line[]): Promise<void> {
  await store.appendLogs(lines.map(([runId, atMs, message]) => ({ runId, atMs, level: "info", message })));
}

async function messages({ store }: StoreFixture, search: LogSearch): Promise<readonly string[]> {
  return (await store.searchLogs(search)).lines.map(({ message }) => message);
}

async function readAll({ store }: StoreFixture, search: LogSearch, way: "after" | "before"): Promise<string[]> {
  const all: string[] = [];
  for (let page = await store.searchLogs(search); ;) {
    const lines = page.lines.map(({ message }) => message);
    if (way === "after") all.push(...lines);
    else all.unshift(...lines);
    const cursor = way === "after" ? page.afterCursor : page.beforeCursor;
    if (cursor === undefined || !(way === "after" ? page.hasAfter : page.hasBefore)) return all;
    page = await store.searchLogs({ runId: search.runId, limit: search.limit, [way]: cursor });
  }
}
