import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import { openConnections } from "../../../tests/support/files/file-services.ts";
import { S3Server, s3Keys } from "../../../tests/support/files/s3-server.ts";
import { closeAfterEach } from "../../../tests/support/http/close-after-each.ts";
import { MemoryPayloadLedger } from "../../../tests/support/streams/memory-payload-ledger.ts";
import { useTemporaryFolder } from "../../../tests/support/temporary-folder.ts";
import { lendFileServices } from "../../connections/files/find-file-service.ts";
import { claimCheckHeader, findPayloadHashes } from "../../core/stream/payload-token.ts";
import type { NewRecord } from "../../core/stream/stream-record.ts";
import { collectPayloads } from "./collect-payloads.ts";
import { createFolderPayloadStore } from "./folder-payload-store.ts";
import { openPayloadStore } from "./open-payload-store.ts";
import { payloadPath, type PayloadStore } from "./payload-store.ts";
import { Payloads } from "./payloads.ts";

const root = useTemporaryFolder("payloads");
const closeLater = closeAfterEach();
const hourMs = 3_600_000;

interface Given {
  readonly payloads: Payloads;
  readonly ledger: MemoryPayloadLedger;
  readonly store: PayloadStore;
  readonly clock: { nowMs: number; now(): number; sleep(ms: number): Promise<void> };
  readonly collect: () => Promise<number>;
}

async function given(place?: PayloadStore): Promise<Given> {
  const store = place ?? createFolderPayloadStore(await mkdtemp(join(root(), "p-")));
  const clock = {
    nowMs: Date.now(),
    now() {
      return this.nowMs;
    },
    async sleep(ms: number) {
      this.nowMs += ms;
      await Promise.resolve();
    },
  };
  const ledger = new MemoryPayloadLedger(() => clock.nowMs);
  const payloads = new Payloads({ store, ledger, clock });
  const { signal } = new AbortController();
  const collect = async (): Promise<number> =>
    (await collectPayloads({ store, sweep: ledger, graceMs: hourMs, now: () => clock.nowMs, signal })).removed;
  return { payloads, ledger, store, clock, collect };
}

/** A bucket behind the connection `lake`, which answers on this machine. */
async function givenBucket(): Promise<{ readonly server: S3Server; readonly store: PayloadStore }> {
  const server = closeLater(await S3Server.start());
  const connections = closeLater(
    openConnections({ lake: { s3: { bucket: "lake", endpoint: server.endpoint, ...s3Keys } } }),
  );
  const takeBack = lendFileServices((name) => connections.files(name), {
    declared: { lake: { s3: { bucket: "lake" } } },
  });
  closeLater({ [Symbol.asyncDispose]: () => Promise.resolve(takeBack()) });
  return { server, store: openPayloadStore("s3://lake/streams", await mkdtemp(join(root(), "home-"))) };
}

function record(value: unknown): NewRecord {
  return { key: Buffer.from("k"), value: Buffer.from(JSON.stringify(value)), headers: [], timeMs: 1 };
}

async function* chunks(count: number, bytes: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index += 1) {
    yield Buffer.alloc(bytes, index);
    await Promise.resolve();
  }
}

test("a value above the bound goes to the payload store, and its record stands for it", async () => {
  const { payloads } = await given();
  const small = record({ id: 1 });
  const large = record({ id: 2, text: "x".repeat(1_000) });
  const [first, second] = await payloads.checkIn([small, large], 100);
  expect(first).toBe(small);
  expect(second?.headers.map(({ name }) => name)).toEqual([claimCheckHeader]);
  expect(second?.value?.byteLength).toBeLessThan(250);
  if (second === undefined) throw new Error("there are two");
  expect(await payloads.valueOf(second)).toEqual(large.value);
  expect(await payloads.valueOf(small)).toBe(small.value);
});

test("the same bytes lie in the payload store once, whoever puts them", async () => {
  const { payloads, store } = await given();
  const tokens = await Promise.all([payloads.put("same"), payloads.put(Buffer.from("same")), payloads.put("other")]);
  expect(new Set(tokens.map(({ sha256 }) => sha256)).size).toBe(2);
  const [token] = tokens;
  expect(token).toMatchObject({ bytes: 4, sha256: createHash("sha256").update("same").digest("hex") });
  const path = join(store.place, payloadPath(token.sha256));
  expect(await readFile(path, "utf8")).toBe("same");
  expect(await readdir(store.stagingFolder)).toEqual([]);
});

test("a payload of 200 MB is written and read chunk after chunk", async () => {
  const { payloads } = await given();
  const before = process.memoryUsage.rss();
  const token = await payloads.put(chunks(200, 1024 ** 2), { contentType: "image/png" });
  let bytes = 0;
  for await (const chunk of payloads.open(token)) bytes += chunk.byteLength;
  expect([bytes, token.bytes, token.contentType]).toEqual([200 * 1024 ** 2, 200 * 1024 ** 2, "image/png"]);
  expect(process.memoryUsage.rss() - before).toBeLessThan(120 * 1024 ** 2);
}, 30_000);

test("a producer that fails in the middle leaves nothing", async () => {
  const { payloads, store, ledger } = await given();
  const failing = async function* (): AsyncGenerator<Uint8Array> {
    yield* chunks(2, 100);
    throw new Error("camera is gone");
  };
  await expect(payloads.put(failing())).rejects.toThrow("camera is gone");
  expect([await readdir(store.stagingFolder), ledger.payloads.size]).toEqual([[], 0]);
});

test.each([
  ["other", (path: string) => writeFile(path, "sbme bytes")],
  ["fewer", (path: string) => truncate(path, 4)],
  ["more", (path: string) => writeFile(path, "some bytes and some")],
])("a payload with %s bytes than its token is refused for good", async (which, change) => {
  const { payloads, store } = await given();
  const token = await payloads.put("some bytes");
  await change(join(store.place, payloadPath(token.sha256)));
  const error = await expectFailure(payloads.read(token));
  expect([error.code, error.disposition]).toEqual(["PAYLOAD_ALTERED", "fail"]);
  expect(error.message).toBe(`the payload store has ${which} bytes than those of payload \`${token.sha256}\``);
});

test("a missing payload may come for an hour, then its record is a dead letter", async () => {
  const { payloads, store, clock } = await given();
  const token = await payloads.put("soon");
  await store.remove(token.sha256, {});
  const young = await expectFailure(payloads.read(token));
  clock.nowMs += hourMs + 1;
  const old = await expectFailure(payloads.read(token));
  expect([young.code, young.disposition, old.code, old.disposition]).toEqual([
    "PAYLOAD_MISSING",
    "retry",
    "PAYLOAD_MISSING",
    "fail",
  ]);
});

test("a record whose token is none is refused and not taken for its value", async () => {
  const { payloads } = await given();
  const broken = { ...record({ sha256: "short" }), headers: [{ name: claimCheckHeader, value: null }] };
  expect((await expectFailure(payloads.valueOf(broken))).code).toBe("VALUE_INVALID");
});

test("a bucket keeps payloads below its prefix, and bytes changed there are noticed", async () => {
  const { server, store } = await givenBucket();
  const { payloads } = await given(store);
  const token = await payloads.put(chunks(20, 1024 ** 2));
  await payloads.put(chunks(20, 1024 ** 2));
  const key = `streams/${payloadPath(token.sha256)}`;
  expect([...server.objects.keys()]).toEqual([key]);
  expect((await payloads.read(token)).byteLength).toBe(20 * 1024 ** 2);
  const object = server.objects.get(key);
  if (object === undefined) throw new Error("it was written");
  server.objects.set(key, { ...object, body: Buffer.alloc(object.body.length, 7) });
  expect((await expectFailure(payloads.read(token))).code).toBe("PAYLOAD_ALTERED");
  server.objects.delete(key);
  expect((await expectFailure(payloads.read(token))).code).toBe("PAYLOAD_MISSING");
});

test("the collector removes what nothing refers to, after its grace", async () => {
  const { payloads, ledger, clock, collect, store } = await given();
  const kept = await payloads.put("kept");
  const lost = await payloads.put("lost");
  ledger.referred.add(kept.sha256);
  expect(await collect()).toBe(0);
  clock.nowMs += hourMs + 1;
  expect(await collect()).toBe(1);
  expect((await payloads.read(kept)).byteLength).toBe(4);
  expect(await store.open(lost.sha256, {})).toBeUndefined();
});

test("what is needed again within the grace stays, also by its name in a value", async () => {
  const { payloads, clock, collect } = await given();
  const image = await payloads.put("image");
  clock.nowMs += hourMs + 1;
  await payloads.checkIn([record({ product: 1, image })], undefined);
  expect(await collect()).toBe(0);
});

test("a payload that is being removed is put anew when it is gone", async () => {
  const { payloads, ledger, clock, store } = await given();
  const token = await payloads.put("again");
  const known = ledger.payloads.get(token.sha256);
  if (known === undefined) throw new Error("it is known");
  known.removingAtMs = clock.nowMs;
  const sleep = clock.sleep.bind(clock);
  let waits = 0;
  clock.sleep = async (ms) => {
    waits += 1;
    if (waits === 3) {
      await store.remove(token.sha256, {});
      await ledger.endPayloadRemoval([token.sha256]);
    }
    await sleep(ms);
  };
  await payloads.put("again");
  expect([waits, (await payloads.read(token)).byteLength]).toEqual([3, 5]);
});

test("a removal whose collector died is waited for no longer than it may take, and done by the next one", async () => {
  const { payloads, ledger, clock, collect } = await given();
  const token = await payloads.put("stuck");
  const known = ledger.payloads.get(token.sha256);
  if (known === undefined) throw new Error("it is known");
  known.removingAtMs = clock.nowMs;
  expect((await expectFailure(payloads.put("stuck"))).code).toBe("PAYLOAD_MISSING");
  clock.nowMs += hourMs;
  expect(await collect()).toBe(1);
});

test("the collector clears what dead producers left", async () => {
  const { payloads, store, collect } = await given();
  await payloads.put("first");
  const left = join(store.stagingFolder, "left");
  await writeFile(left, "half");
  expect(await collect()).toBe(0);
  expect(await readdir(store.stagingFolder)).toEqual(["left"]);
  await utimes(left, 1, 1);
  await collect();
  expect(await readdir(store.stagingFolder)).toEqual([]);
});

test("a payload that a record refers to is there, however putting, appending, trimming and collecting interleave", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 12 }), async (s, values) => {
      const { ledger, store, clock } = await given();
      const slow: PayloadStore = {
        ...store,
        keep: (...input) => s.schedule(Promise.resolve("keep")).then(() => store.keep(...input)),
        remove: (...input) => s.schedule(Promise.resolve("remove")).then(() => store.remove(...input)),
      };
      const { signal } = new AbortController();
      const writer = new Payloads({ store: slow, ledger, clock });
      const work = values.map(async (value, index) => {
        await s.schedule(Promise.resolve(`begin ${index}`));
        if (value === 0) {
          ledger.referred.clear(); // all is trimmed
          clock.nowMs += hourMs + 1;
        } else if (value === 1) {
          await collectPayloads({ store: slow, sweep: ledger, graceMs: hourMs, now: () => clock.nowMs, signal });
        } else {
          const [appended] = await writer.checkIn([record(`value ${value}`)], 2);
          const isInTime = (hash: string): boolean =>
            (ledger.payloads.get(hash)?.touchedAtMs ?? 0) >= clock.nowMs - hourMs;
          for (const hash of findPayloadHashes(appended?.value ?? Buffer.alloc(0)))
            if (isInTime(hash)) ledger.referred.add(hash);
        }
      });
      await s.waitFor(Promise.all(work));
      for (const hash of ledger.referred) expect(await store.open(hash, {}).then(drain)).toBeGreaterThan(0);
    }),
    { numRuns: 60 },
  );
});

async function drain(source: AsyncIterable<Uint8Array> | undefined): Promise<number> {
  let bytes = 0;
  for await (const chunk of source ?? []) bytes += chunk.byteLength;
  return bytes;
}
