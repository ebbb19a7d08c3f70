// A process that moves files is killed at every named moment and in the middle of a file; the next attempt ends where an undisturbed
// one would have, and nothing half-made is left.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { SaveOptions } from "../../../src/data/sources/save/options.ts";
import { findLeftovers, recoverStaging } from "../../../src/data/publish/recover-staging.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { deliverRequest } from "../../support/data/deliver-and-die.ts";
import { lendPlaces } from "../../support/files/lent-places.ts";

const places = lendPlaces();
let project: DataProject;
beforeEach(async () => {
  project = await DataProject.create();
  for (const name of ["a", "b/1", "b/2"]) await project.write(`in/${name}`, name);
});
afterEach(() => project[Symbol.asyncDispose]());

/** @param onStart told the process, to be killed from outside */
async function deliverAndDie(
  save: SaveOptions,
  moment: string,
  onStart: (kill: () => void) => void = () => undefined,
): Promise<void> {
  const script = fileURLToPath(new URL("../../support/data/deliver-and-die.ts", import.meta.url));
  const connections = JSON.stringify({ lake: places.lake.connection });
  const argv = [project.root, connections, JSON.stringify(save), ...moment.split(" ")];
  const child = spawn(process.execPath, [...process.execArgv, script, ...argv], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  onStart(() => child.kill("SIGKILL"));
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  await once(child, "close");
  if (child.signalCode !== "SIGKILL") throw new Error(`the process was not killed: ${errors}`);
}

async function files(): Promise<string[]> {
  const found = await readdir(project.path("out"), { recursive: true, withFileTypes: true }).catch(() => []);
  return found.filter((entry) => entry.isFile()).map(({ name }) => name);
}

test.each(["delivery:intended 1", "delivery:copied 1", "delivery:put 2", "recorded 1"])(
  "killed at %s, the next attempt moves the rest, once",
  async (moment) => {
    await deliverAndDie({ path: "out" }, moment);
    expect(
      (await files()).filter((name) => !name.startsWith(".")).every((name) => ["a", "1", "2"].includes(name)),
    ).toBe(true);
    const recovery = { staging: project.staging, isLive: () => Promise.resolve(false) };
    if (moment === "delivery:copied 1") {
      expect((await files()).some((name) => name.endsWith(".millrace"))).toBe(true);
      expect((await findLeftovers(recovery)).join("\n")).toContain("an unpublished file");
      await recoverStaging(recovery);
      expect((await files()).filter((name) => name.startsWith("."))).toEqual([]);
    }
    await project.publish(deliverRequest({ path: "out" }), { runId: 1, epoch: 2 });
    expect((await files()).toSorted()).toEqual(["1", "2", "a"]);
    expect(await project.rows("moved", "select location from moved order by 1")).toEqual([
      { location: "out/a" },
      { location: "out/b/1" },
      { location: "out/b/2" },
    ]);
    await recoverStaging(recovery);
    expect(await findLeftovers(recovery)).toEqual([]);
  },
);

test("killed between two parts of a large object, the next attempt puts it whole and forgets those parts", async () => {
  const large = randomBytes(33 * 1024 ** 2);
  await project.write("in/large.bin", large);
  const save = { connection: "lake", path: "raw" };
  await deliverAndDie(save, "never 1", (kill) => {
    places.lake.trouble = ({ query }) => {
      if (query.get("partNumber") === "2") kill();
      return undefined;
    };
  });
  expect([places.lake.uploads.size, places.lake.objects.has("raw/large.bin")]).toEqual([1, false]);
  places.lake.trouble = () => undefined;
  await recoverStaging({ staging: project.staging, isLive: () => Promise.resolve(false) });
  expect(places.lake.uploads.size).toBe(0);
  await project.publish(deliverRequest(save), { runId: 1, epoch: 2 });
  expect(places.lake.objects.get("raw/large.bin")?.body.equals(large)).toBe(true);
  expect([...places.lake.objects.keys()].toSorted()).toEqual(["raw/a", "raw/b/1", "raw/b/2", "raw/large.bin"]);
});
