// Operations on a scripted server: whatever happens to their streams, each row comes once, and what cannot go on says why.
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectFailure } from "../../../../tests/support/expect-failure.ts";
import { startCutProxy, type CutProxy } from "../../../../tests/support/spark/cut-proxy.ts";
import { type ConnectFixture, openConnect, readTexts, toText } from "../../../../tests/support/spark/open-connect.ts";
import {
  batchMessage,
  completeMessage,
  planMessage,
  progressMessage,
} from "../../../../tests/support/spark/plan-messages.ts";
import { sqlPlan } from "./connect-requests.ts";
import { MessageWriter } from "./message-writer.ts";

const plan = sqlPlan("select 1");
const [one, two] = [batchMessage("r1", { rows: 2, data: "one" }), batchMessage("r2", { rows: 3, data: "two" })];

let fixture: ConnectFixture;
let proxy: CutProxy;
beforeEach(async () => {
  fixture = await openConnect(async (port) => {
    proxy = await startCutProxy(port);
    return proxy.port;
  });
});
afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
});

/** What was asked after the session had been opened. */
const asked = (): string[] => fixture.server.methods().slice(1);
const lastFields = (method: string) => fixture.server.calls.findLast((call) => call.method === method)?.fields;

test("an operation is sent once, read to its end and released", async () => {
  fixture.server.script([{ send: one }, { send: two }, { send: completeMessage("r3") }]);
  expect(await readTexts(fixture.session.execute(plan, { operationId: "op-1", tags: ["run:7"] }))).toEqual([
    "one",
    "two",
  ]);
  expect(asked()).toEqual(["ExecutePlan"]);
  const request = lastFields("ExecutePlan");
  expect(request?.text(6)).toBe("op-1");
  expect(request?.texts(7)).toEqual(["run:7"]);
  expect(Buffer.from(request?.bytes(3) ?? [])).toEqual(Buffer.from(plan));
  expect(request?.messages(5).map((option) => option.has(1) || option.has(2))).toEqual([true, true]);
  expect(lastFields("ReleaseExecute")?.has(5)).toBe(true);
});

test("a stream that ends without the operation's end is followed by another, also by an empty one", async () => {
  fixture.server.script(
    [{ send: one }],
    [],
    [{ send: progressMessage("r2", 8, 3) }],
    [{ send: batchMessage("r3", { rows: 1, data: "two", firstRow: 2 }) }, { send: completeMessage("r4") }],
  );
  expect(await readTexts(fixture.session.execute(plan))).toEqual(["one", "two"]);
  expect(asked()).toEqual(["ExecutePlan", "ReattachExecute", "ReattachExecute", "ReattachExecute"]);
  expect(lastFields("ReattachExecute")?.text(5)).toBe("r2");
});

test("streams that end at once, again and again, are an error in the end", async () => {
  fixture.server.script(...Array.from({ length: 20 }, () => []));
  const error = await expectFailure(readTexts(fixture.session.execute(plan)));
  expect(error.code).toBe("SERVICE_UNAVAILABLE");
  expect(fixture.clock.pauses).toHaveLength(15);
});

test.each([
  ["a server that is not available", { status: 14, message: "gone" }],
  ["a cursor that lost its stream", { errorClass: "INVALID_CURSOR.DISCONNECTED" }],
  ["a stream that a proxy reset", { message: "Received RST_STREAM with code 0" }],
  ["a stream that a proxy cancelled", { status: 1, message: "Call cancelled" }],
])("%s is asked again for what comes after the last row", async (_, failure) => {
  fixture.server.script([{ send: one }, { fail: failure }], [{ send: two }, { send: completeMessage("r3") }]);
  expect(await readTexts(fixture.session.execute(plan))).toEqual(["one", "two"]);
  expect(asked()).toEqual(["ExecutePlan", "ReattachExecute"]);
  expect(lastFields("ReattachExecute")?.text(5)).toBe("r1");
  expect(fixture.clock.pauses).toEqual([50]);
});

test("a connection that is cut in the middle loses no row and doubles none", async () => {
  const cut = { call: () => proxy.cutAll() };
  fixture.server.script(
    [{ send: one }, { hang: true }],
    [{ send: two }, { hang: true }],
    [{ send: completeMessage("r3") }],
  );
  const texts: string[] = [];
  for await (const result of fixture.session.execute(plan)) {
    texts.push(toText(result));
    cut.call();
  }
  expect(texts).toEqual(["one", "two"]);
  expect(asked()).toEqual(["ExecutePlan", "ReattachExecute", "ReattachExecute"]);
});

test("a server that asks for a pause gets it", async () => {
  fixture.server.script(
    [{ send: one }, { fail: { message: "busy", retryAfterMs: 9_500 } }],
    [{ send: completeMessage("r2") }],
  );
  expect(await readTexts(fixture.session.execute(plan))).toEqual(["one"]);
  expect(fixture.clock.pauses).toEqual([9_500]);
});

test("a request that did not arrive is sent again", async () => {
  fixture.server.script(
    [{ fail: { status: 14, message: "gone" } }],
    [{ fail: { errorClass: "INVALID_HANDLE.OPERATION_NOT_FOUND", sqlState: "HY000" } }],
    [{ send: one }, { send: completeMessage("r2") }],
  );
  expect(await readTexts(fixture.session.execute(plan))).toEqual(["one"]);
  expect(asked()).toEqual(["ExecutePlan", "ReattachExecute", "ExecutePlan"]);
});

test.each([
  "INVALID_HANDLE.OPERATION_NOT_FOUND",
  "INVALID_HANDLE.OPERATION_ABANDONED",
  "INVALID_CURSOR.POSITION_NOT_FOUND",
])("an operation that had begun is never sent again: %s", async (errorClass) => {
  fixture.server.script([{ send: one }], [{ fail: { errorClass, sqlState: "HY000" } }]);
  const error = await expectFailure(readTexts(fixture.session.execute(plan, { operationId: "op-1" })));
  expect(error).toMatchObject({ code: "OPERATION_LOST", disposition: "fail" });
  expect(error.details).toMatchObject({ sparkClass: errorClass, operationId: "op-1" });
  expect(asked()).toEqual(["ExecutePlan", "ReattachExecute"]);
});

test("a server that started anew is noticed by its id, and the session is lost", async () => {
  fixture.server.script(
    [{ send: one }],
    [{ send: planMessage("r9", "another").message(2, new MessageWriter().whole(1, 1)) }],
  );
  const error = await expectFailure(readTexts(fixture.session.execute(plan)));
  expect(error).toMatchObject({ code: "SESSION_LOST", disposition: "retry" });
  expect(lastFields("ReattachExecute")?.text(6)).toBe("5e55-1");
});

test.each([
  "INVALID_HANDLE.SESSION_CHANGED",
  "INVALID_HANDLE.SESSION_CLOSED",
  "INVALID_HANDLE.SESSION_NOT_FOUND",
  "SPARK_CONNECT_ILLEGAL_STATE.EXECUTION_STATE_OPERATION_ORPHANED",
])("a session that is lost is called so: %s", async (errorClass) => {
  fixture.server.script([{ send: one }], [{ fail: { errorClass, sqlState: "08003" } }]);
  expect((await expectFailure(readTexts(fixture.session.execute(plan)))).code).toBe("SESSION_LOST");
});

test("a batch whose parts come in different streams is put together", async () => {
  const part = (id: string, data: string, index: number) =>
    batchMessage(id, { rows: 5, data, firstRow: 0, part: index, parts: 3 });
  fixture.server.script(
    [{ send: part("r1", "a", 0) }],
    [{ send: part("r2", "b", 1) }, { fail: { status: 14 } }],
    [
      { send: part("r3", "c", 2) },
      { send: batchMessage("r4", { rows: 1, data: "d", firstRow: 5 }) },
      { send: completeMessage("r5") },
    ],
  );
  expect(await readTexts(fixture.session.execute(plan))).toEqual(["abc", "d"]);
});

test.each([
  ["a part that is missing", batchMessage("r1", { rows: 5, data: "b", part: 1, parts: 2 })],
  ["rows that are missing", batchMessage("r1", { rows: 5, data: "b", firstRow: 7 })],
  ["an end in the middle of a batch", batchMessage("r1", { rows: 5, data: "a", part: 0, parts: 2 })],
])("%s is refused", async (_, message) => {
  fixture.server.script([{ send: message }, { send: completeMessage("r2") }]);
  expect((await expectFailure(readTexts(fixture.session.execute(plan)))).code).toBe("RESPONSE_TRUNCATED");
});

test("messages of kinds that are not known are left alone", async () => {
  const unknown = planMessage("r1").message(777, new MessageWriter().text(1, "new"));
  fixture.server.script([{ send: unknown }, { send: two }, { send: completeMessage("r3") }]);
  expect(await readTexts(fixture.session.execute(plan))).toEqual(["two"]);
});

test("what a command made is given in the bytes that came", async () => {
  const relation = new MessageWriter().text(10, "statement").text(4_242, "of a newer server");
  fixture.server.script([
    { send: planMessage("r1").message(5, new MessageWriter().message(1, relation)) },
    { send: completeMessage("r2") },
  ]);
  expect(await readTexts(fixture.session.execute(plan))).toEqual([Buffer.from(relation.finish()).toString()]);
});

test("batches far beyond the library's limit of 4 MB arrive", async () => {
  const data = Buffer.alloc(8 * 1024 * 1024, 7);
  fixture.server.script([{ send: batchMessage("r1", { rows: 1, data }) }, { send: completeMessage("r2") }]);
  for await (const result of fixture.session.execute(plan)) {
    expect(result.kind === "batch" && Buffer.compare(result.bytes, data)).toBe(0);
  }
});

test("a batch of 200 MB comes in parts, over a stream that breaks in its middle", async () => {
  const parts = 50;
  const data = Buffer.alloc(4 * 1024 * 1024, 7);
  const part = (index: number) => ({
    send: batchMessage(`r${index}`, { rows: 1, data, firstRow: 0, part: index, parts }),
  });
  const all = Array.from({ length: parts }, (_, index) => part(index));
  fixture.server.script(
    [...all.slice(0, 30), { fail: { status: 14, message: "gone" } }],
    [...all.slice(30), { send: completeMessage("end") }],
  );
  const sizes: number[] = [];
  for await (const result of fixture.session.execute(plan)) {
    if (result.kind === "batch") sizes.push(result.bytes.length);
  }
  expect(sizes).toEqual([parts * data.length]);
  expect(lastFields("ReattachExecute")?.text(5)).toBe("r29");
});

test("the server is told what it may forget, every few megabytes and never what was not read", async () => {
  const data = Buffer.alloc(1024 * 1024, 7);
  const batches = Array.from({ length: 10 }, (_, row) => ({
    send: batchMessage(`r${row}`, { rows: 1, data, firstRow: row }),
  }));
  fixture.server.script([...batches, { send: completeMessage("end") }]);
  const releases = () => fixture.server.calls.filter(({ method }) => method === "ReleaseExecute");
  const seen: string[] = [];
  for await (const _ of fixture.session.execute(plan)) {
    seen.push(`r${seen.length}`);
    for (const { fields } of releases()) expect(seen.slice(0, -1)).toContain(fields.message(6)?.text(1));
    // what it was told is heard before the next one is read
    if (seen.length === 5 || seen.length === 9)
      await expect.poll(() => releases().length).toBe(Math.floor(seen.length / 4));
  }
  expect(releases().map(({ fields }) => fields.message(6)?.text(1))).toEqual(["r3", "r7", undefined]);
  expect(releases().at(-1)?.fields.has(5)).toBe(true);
});

test("progress is told while the operation runs", async () => {
  fixture.server.script([
    { send: progressMessage("r1", 8, 2) },
    { send: progressMessage("r2", 8, 8) },
    { send: completeMessage("r3") },
  ]);
  const told: unknown[] = [];
  await readTexts(fixture.session.execute(plan, { onProgress: (progress) => told.push(progress) }));
  expect(told).toEqual([
    { tasks: 8, completedTasks: 2, runningTasks: 1, inputBytes: 1_000 },
    { tasks: 8, completedTasks: 8, runningTasks: 1, inputBytes: 1_000 },
  ]);
});

test("a signal interrupts the operation by its id, because leaving its stream does not", async () => {
  fixture.server.script([{ send: one }, { hang: true }]);
  const controller = new AbortController();
  const reading = (async () => {
    for await (const _ of fixture.session.execute(plan, { operationId: "op-1", signal: controller.signal })) {
      controller.abort(new Error("enough"));
    }
  })();
  expect((await expectFailure(reading)).code).toBe("RUN_STOPPED");
  expect(asked()).toEqual(["ExecutePlan", "Interrupt"]);
  expect(lastFields("Interrupt")?.whole(4)).toBe(3);
  expect(lastFields("Interrupt")?.text(6)).toBe("op-1");
  expect(lastFields("ReleaseExecute")?.has(5)).toBe(true);
});

test("a signal that aborts between two streams interrupts, too", async () => {
  const controller = new AbortController();
  fixture.server.script([{ send: one }], [{ call: () => controller.abort() }, { hang: true }]);
  const error = await expectFailure(readTexts(fixture.session.execute(plan, { signal: controller.signal })));
  expect(error.code).toBe("RUN_STOPPED");
  expect(asked()).toEqual(["ExecutePlan", "ReattachExecute", "Interrupt"]);
});

test("a reader that has enough interrupts the operation", async () => {
  fixture.server.script([{ send: one }, { send: two }, { hang: true }]);
  for await (const result of fixture.session.execute(plan)) {
    expect(toText(result)).toBe("one");
    break;
  }
  expect(asked()).toEqual(["ExecutePlan", "Interrupt"]);
});

test("a stream that says nothing for longer than the server lets one live is left and asked for again", async () => {
  fixture.server.script([{ send: one }, { hang: true }], [{ send: two }, { send: completeMessage("r3") }]);
  const texts: string[] = [];
  const reading = (async () => {
    for await (const result of fixture.session.execute(plan)) texts.push(toText(result));
  })();
  await expect.poll(() => texts.length).toBe(1);
  fixture.clock.pass(150_000);
  await reading;
  expect(texts).toEqual(["one", "two"]);
});

test("an operation of an earlier process is asked for by its id, and never sent", async () => {
  fixture.server.script([{ send: one }, { send: completeMessage("r2") }]);
  expect(await readTexts(fixture.session.reattach("op-1"))).toEqual(["one"]);
  expect(asked()).toEqual(["ReattachExecute"]);
  fixture.server.script([{ fail: { errorClass: "INVALID_HANDLE.OPERATION_NOT_FOUND" } }]);
  expect((await expectFailure(readTexts(fixture.session.reattach("op-2")))).code).toBe("OPERATION_LOST");
});
