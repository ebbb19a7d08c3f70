// One bad entry in staging harms nobody: what is around it is concluded, and it is told.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findLeftovers, recoverStaging } from "./recover-staging.ts";

let folder: string;
let staging: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-staging-"));
  staging = join(folder, "staging");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const over = { isLive: () => Promise.resolve(false) };
const victim = (): string => join(folder, "victim.parquet");

/** A dead attempt with one publication; `make` puts its journal into the folder. */
async function attempt(name: string, make: (path: string) => Promise<void> | void): Promise<string> {
  const path = join(staging, name, "t");
  await mkdir(path, { recursive: true });
  await make(path);
  return path;
}

const journal =
  (value: unknown) =>
  (path: string): Promise<void> =>
    writeFile(join(path, "journal.json"), typeof value === "string" ? value : JSON.stringify(value));

/** A hidden file of another run that a sound journal names. */
async function soundAttempt(): Promise<string> {
  const temporary = join(folder, ".t.parquet.r9-abc.millrace");
  await writeFile(temporary, "half");
  const intent = { format: "parquet", path: join(folder, "t.parquet"), temporary };
  await attempt("9-1", journal({ format: 1, intents: [intent] }));
  return temporary;
}

const intents: Readonly<Record<string, unknown>> = {
  null: null,
  "a number": 7,
  "a text": "x",
  "a list": [],
  "no path": { format: "delta", names: [], baseVersion: 0 },
  "a relative path": { format: "delta", path: "t", names: [], baseVersion: 0 },
  "names of another type": { format: "delta", path: "/t", names: [7], baseVersion: 0 },
  "a version that is none": { format: "delta", path: "/t", names: [], baseVersion: -2 },
  "a format of a newer version": { format: "orc", path: "/t", temporary: "/.t.r1-a.millrace" },
  "a field of a newer version": { format: "parquet", path: "/t", temporary: "/.t.r1-a.millrace", also: 1 },
};

/** Names that no publication gives to its hidden file beside `/x/victim.parquet`. */
const foreign = [
  "victim.parquet",
  ".victim.parquet",
  ".victim.parquet.millrace",
  ".victim.parquet.r1.millrace",
  ".victim.parquet.r1-A.millrace",
  ".other.parquet.r1-a.millrace",
  "sub/.victim.parquet.r1-a.millrace",
  ".victim.parquet.r1-a.millrace/../victim.parquet",
];

const broken: Readonly<Record<string, (path: string) => Promise<void> | void>> = {
  "no JSON": journal('{"format": 1, "inte'),
  nothing: journal(""),
  "a newer format": journal({ format: 2, intents: [] }),
  "no format": journal({ intents: [] }),
  "JSON that is null": journal("null"),
  "a list": journal([]),
  "intents that are no list": journal({ format: 1, intents: {} }),
  "nesting without end": journal(`${"[".repeat(200_000)}`),
  "a folder": (path) => mkdir(join(path, "journal.json")),
  "a link to itself": (path) => symlink("journal.json", join(path, "journal.json")),
  "a pipe": (path) => void execFileSync("mkfifo", [join(path, "journal.json")]),
  "more bytes than any journal has": async (path) => {
    await writeFile(join(path, "journal.json"), "{}");
    await truncate(join(path, "journal.json"), 100_000_000);
  },
  ...Object.fromEntries(
    Object.entries(intents).map(([name, intent]) => [
      `an intent that is ${name}`,
      journal({ format: 1, intents: [intent] }),
    ]),
  ),
};

describe.each(Object.entries(broken))("a journal that is %s", (_name, make) => {
  test("is left and told, and the attempts beside it are concluded", async () => {
    const bad = await attempt("5-1", make);
    const temporary = await soundAttempt();
    await recoverStaging({ staging, ...over });
    expect(existsSync(temporary)).toBe(false);
    expect(await readdir(staging)).toEqual(["5-1"]);
    const leftovers = await findLeftovers({ staging, ...over });
    expect(leftovers).toHaveLength(2);
    expect(leftovers[0]).toBe(`run \`r5\` (epoch 1) left staged rows at \`${bad}\``);
    expect(leftovers[1]).toContain("journal.json` cannot be read");
  });
});

test.each(foreign.flatMap((name) => (["parquet", "duckdb"] as const).map((format) => ({ name, format }))))(
  "no journal makes recovery delete $name for $format",
  async ({ name, format }) => {
    await writeFile(victim(), "rows");
    const intent = { format, path: victim(), temporary: `${folder}/${name}` };
    await attempt("5-1", journal({ format: 1, intents: [intent] }));
    await recoverStaging({ staging, ...over });
    expect(existsSync(victim())).toBe(true);
    expect(await findLeftovers({ staging, ...over })).toHaveLength(2);
  },
);

test("a table whose log is damaged stops nobody else", async () => {
  const table = join(folder, "table");
  await mkdir(join(table, "_delta_log"), { recursive: true });
  await writeFile(join(table, "_delta_log", `${"0".repeat(20)}.json`), "{");
  const intent = { format: "delta", path: table, names: ["part-1.parquet"], baseVersion: -1 };
  await attempt("5-1", journal({ format: 1, intents: [intent] }));
  const temporary = await soundAttempt();
  await recoverStaging({ staging, ...over });
  expect(existsSync(temporary)).toBe(false);
  expect((await findLeftovers({ staging, ...over }))[1]).toContain("is not valid JSON");
});

test("what cannot be removed beside a target is left and told", async () => {
  const temporary = join(folder, ".t.parquet.r5-abc.millrace");
  await mkdir(join(temporary, "not", "empty"), { recursive: true });
  const intent = { format: "parquet", path: join(folder, "t.parquet"), temporary };
  await attempt("5-1", journal({ format: 1, intents: [intent] }));
  await recoverStaging({ staging, ...over });
  expect((await findLeftovers({ staging, ...over }))[1]).toBe(
    `run \`r5\` (epoch 1) left an unpublished file \`${temporary}\``,
  );
});

test("a file in the place of an attempt's folder is told", async () => {
  await mkdir(staging);
  await writeFile(join(staging, "5-1"), "");
  await recoverStaging({ staging, ...over });
  expect(await findLeftovers({ staging, ...over })).toEqual([`run \`r5\` (epoch 1) left \`${join(staging, "5-1")}\``]);
});

test("staging that is no folder stops no process", async () => {
  await writeFile(staging, "");
  await recoverStaging({ staging, ...over });
  expect(await findLeftovers({ staging, ...over })).toEqual([]);
});
