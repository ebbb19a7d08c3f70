// A disk that is really full while records are appended, where a small disk can be mounted.
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { NewRecord } from "../../../src/core/stream/stream-record.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import { createSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import { createEmbeddedLog } from "../../../src/stream/embedded/embedded-log.ts";
import { newRecord, readAll } from "../../conformance/streams/log-fixture.ts";
import { canMount } from "../../support/can-mount.ts";

const sizeMb = 8;

test.skipIf(!canMount())("a full disk refuses an append whole, and what was acknowledged before is there", async () => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-full-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${sizeMb}m`, "tmpfs", folder]);
  try {
    const clock = createSystemClock();
    await using store = await createSqliteStore({ path: join(folder, "store.db"), clock });
    await using log = createEmbeddedLog({ blocks: store, clock });
    const topic = await log.declareTopic({ name: "images", partitions: 1, retentionMs: undefined });
    const ballast = join(folder, "ballast");
    await writeFile(ballast, new Uint8Array(2 * 1024 * 1024));
    const append = (number: number): Promise<unknown> =>
      log.append({ topic, parts: [{ partition: 0, records: [recordOf(number)] }] });
    const { acknowledged, failure } = await appendUntilRefused(append);
    expect(failure).toMatchObject({ code: "DISK_FULL", disposition: "retry" });
    await rm(ballast);
    await append(acknowledged);
    const keys = (await readAll(log, topic)).map(({ key }) => Number(Buffer.from(key ?? []).toString()));
    expect(keys).toEqual(Array.from({ length: acknowledged + 1 }, (_, number) => number));
  } finally {
    execFileSync("umount", ["-l", folder]);
    await rm(folder, { recursive: true, force: true });
  }
});

async function appendUntilRefused(
  append: (number: number) => Promise<unknown>,
): Promise<{ readonly acknowledged: number; readonly failure: unknown }> {
  for (let acknowledged = 0; ; acknowledged += 1) {
    try {
      await append(acknowledged);
    } catch (failure) {
      return { acknowledged, failure };
    }
  }
}

/** Nothing that would become smaller by compression. */
function recordOf(number: number): NewRecord {
  const value = crypto.getRandomValues(new Uint8Array(65_536));
  return newRecord(null, { key: Buffer.from(String(number)), value });
}
