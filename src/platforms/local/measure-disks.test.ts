import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { measureDisks } from "./measure-disks.ts";

test("the disk of a folder is measured, also of one that is not there yet", async () => {
  const [present, missing] = await measureDisks({ store: tmpdir(), staging: join(tmpdir(), "no", "such", "folder") });
  expect(present?.place).toBe("store");
  expect(present?.totalBytes).toBeGreaterThan(0);
  expect(present?.freeBytes).toBeLessThanOrEqual(present?.totalBytes ?? 0);
  expect(missing).toMatchObject({ place: "staging", totalBytes: present?.totalBytes });
});
