// Files that other people's libraries have written hold, when Millrace reads them, what was written.
import { execFile } from "node:child_process";
import { readFile, truncate, stat, copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { readFiles } from "../../../src/data/sources/read-files.ts";
import type { FileReadingOptions } from "../../../src/data/sources/file-reading-options.ts";
import { useEngineSession } from "../../support/data/engine-session.ts";
import { expectFailure } from "../../support/expect-failure.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";
import { ensurePython } from "../python-environment.ts";

const run = promisify(execFile);
const packages = [
  "pyarrow==26.0.1",
  "fastavro==1.13.1",
  "cramjam==2.14.0",
  "backports.zstd==1.8.0",
  "openpyxl==3.1.5",
  "xlsxwriter==3.3.1",
  "odfpy==1.4.1",
];
const session = useEngineSession();
const folder = useTemporaryFolder("formats");

interface WrittenFile {
  readonly file: string;
  readonly options: FileReadingOptions;
  /** Rows as texts, or what is to be counted of many. */
  readonly rows: readonly Readonly<Record<string, string | null>>[] | Counts;
}

interface Counts {
  readonly count: number;
  readonly sum: string;
  readonly texts: number;
}

let written: { readonly read: readonly WrittenFile[]; readonly refused: readonly { file: string; problem: string }[] };

beforeAll(async () => {
  const script = fileURLToPath(new URL("write_files.py", import.meta.url));
  await run(await ensurePython(packages), [script, folder()]);
  written = JSON.parse(await readFile(join(folder(), "expected.json"), "utf8")) as typeof written;
}, 300_000);

async function open(file: string, options: FileReadingOptions = {}): Promise<string> {
  const path = join(folder(), file);
  const table = { columns: () => Promise.resolve(undefined), isVerbatim: true };
  const reading = { options, table, spool: join(folder(), "spool"), root: folder() };
  return (await readFiles(session(), [{ path, name: path }], reading)).sql ?? "";
}

test("every value that pyarrow, fastavro, openpyxl, xlsxwriter, odfpy and zipfile write is read as it was", async () => {
  for (const { file, options, rows } of written.read) {
    const sql = await open(file, options);
    if ("count" in rows) {
      const counted = `select count(*)::int as count, sum(id)::varchar as sum, count(distinct text)::int as texts from (${sql})`;
      expect({ file, rows: (await session().query(counted))[0] }).toEqual({ file, rows });
    } else {
      const texts = await session().query(`select columns(*)::varchar from (${sql})`);
      expect({ file, rows: texts }).toEqual({ file, rows });
    }
  }
});

test("what cannot be read without a loss is refused", async () => {
  for (const { file, problem } of written.refused) {
    const error = await expectFailure(open(file));
    expect([file, error.code, error.message]).toEqual([file, "SOURCE_UNREADABLE", expect.stringContaining(problem)]);
  }
});

test("a file that was cut anywhere is refused", async () => {
  const files = written.read.map(({ file }) => file).filter((file) => !/-many|many\.zip/.test(file));
  for (const file of files) {
    const { size } = await stat(join(folder(), file));
    for (const end of [size - 1, size - 8, Math.floor(size / 2), 40]) {
      const cut = `cut-${file}`;
      await copyFile(join(folder(), file), join(folder(), cut));
      await truncate(join(folder(), cut), end);
      const error = await expectFailure(open(cut)).catch(() => undefined);
      expect([file, end, error?.code]).toEqual([file, end, "SOURCE_UNREADABLE"]);
    }
  }
});

test("what GnuPG encrypts is decrypted, with a password and with a key", async () => {
  const home = join(folder(), "gnupg");
  const gpg = async (...args: readonly string[]): Promise<string> =>
    (
      await run("gpg", [
        "--homedir",
        home,
        "--batch",
        "--yes",
        "--pinentry-mode",
        "loopback",
        "--trust-model",
        "always",
        ...args,
      ])
    ).stdout;
  await run("mkdir", ["-m", "700", home]);
  const plain = join(folder(), "plain.csv");
  await writeFile(plain, `id,name\n${Array.from({ length: 5000 }, (_, id) => `${id},é\n`).join("")}`);
  await gpg("--passphrase", "p4ss", "-o", join(folder(), "a.csv.gpg"), "--symmetric", plain);
  await gpg("--passphrase", "open sesame", "--quick-generate-key", "partner", "future-default", "default", "never");
  await gpg("--armor", "-r", "partner", "-o", join(folder(), "b.csv.pgp"), "--encrypt", plain);
  const privateKey = await gpg("--armor", "--passphrase", "open sesame", "--export-secret-keys", "partner");
  for (const [file, options] of [
    ["a.csv.gpg", { password: "p4ss" }],
    ["b.csv.pgp", { privateKey, passphrase: "open sesame" }],
  ] as const) {
    const sql = await open(file, { gpg: options });
    expect(await session().query(`select count(*)::int as n from (${sql})`)).toEqual([{ n: 5000 }]);
  }
  await run("gpgconf", ["--homedir", home, "--kill", "gpg-agent"]);
});
