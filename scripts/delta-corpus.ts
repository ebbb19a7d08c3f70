// `npm run delta:corpus -- --corpus <folder>`: reads every Delta table below folders of others' test data with Millrace and with the
// `deltalake` package, and writes a dated report. Exits with 1 when a table differs, and when there was none to read.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createDuckDbEngine } from "../src/compute/duckdb/duckdb-engine.ts";
import { type Comparison, compareTable } from "../tests/services/corpus/compare-table.ts";
import { explain, formatCorpora, type ReadCorpus } from "../tests/services/corpus/corpus-report.ts";
import { findTables } from "../tests/services/corpus/corpus-tables.ts";
import { ensureDeltaPython } from "../tests/services/deltalake/delta-rs.ts";
import { PythonServer } from "../tests/services/python-server.ts";

const { values } = parseArgs({
  options: {
    corpus: { type: "string", multiple: true, default: [] },
    skip: { type: "string", multiple: true, default: [] },
    report: { type: "string", default: join("docs", "reports", "delta-corpus.md") },
  },
});

const spool = await mkdtemp(join(tmpdir(), "millrace-corpus-"));
try {
  await readCorpora();
} finally {
  await rm(spool, { recursive: true, force: true });
}

async function readCorpora(): Promise<void> {
  const python = await ensureDeltaPython();
  const script = fileURLToPath(new URL("../tests/services/corpus/corpus_reader.py", import.meta.url));
  await using deltalake = await PythonServer.start(python, script);
  const corpora: ReadCorpus[] = [];
  for (const folder of values.corpus.map((path) => resolve(path))) {
    corpora.push({ name: basename(folder), comparisons: await readCorpus(folder, deltalake) });
  }
  const found = corpora.flatMap(({ comparisons }) => comparisons);
  const date = new Date().toISOString().slice(0, 10);
  const report = formatCorpora(corpora, { date, deltalake: String(deltalake.ready) });
  if (found.length > 0) {
    await mkdir(dirname(values.report), { recursive: true });
    await writeFile(values.report, report);
  }
  console.log(`\n${report}`);
  const differs = found.some((comparison) => comparison.outcome === "different" && explain(comparison) === undefined);
  const read = found.some(({ rows }) => rows !== undefined);
  if (!read) console.error("no table was read: give the folder of a corpus with `--corpus <folder>`");
  if (differs || !read) process.exitCode = 1;
}

async function readCorpus(folder: string, deltalake: PythonServer): Promise<Comparison[]> {
  const tables = await findTables(folder, join(spool, basename(folder)));
  await using engine = createDuckDbEngine({ threads: 2, memoryLimit: "2GB" });
  const comparisons: Comparison[] = [];
  for (const table of tables.filter(({ name }) => !values.skip.some((skipped) => name.includes(skipped)))) {
    await using session = await engine.open();
    const found = await compareTable(table, { session, deltalake, spool });
    comparisons.push(found);
    console.log(`${found.outcome.padEnd(9)} ${table.name} ${found.note ?? found.rows ?? ""}`);
  }
  return comparisons;
}
