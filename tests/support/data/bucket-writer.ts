// A process that commits to a table in a bucket, beside others that do:
// node bucket-writer.ts <connection as JSON> <table> <append|merge> <first id> <commits>
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDuckDbEngine } from "../../../src/compute/duckdb/duckdb-engine.ts";
import { lendFileServices } from "../../../src/connections/files/find-file-service.ts";
import type { ConnectionOptions } from "../../../src/core/connection/connection-options.ts";
import { openConnections } from "../files/file-services.ts";
import { publish } from "./delta-publish.ts";

const [, , connection = "", table = "", mode = "", first, commits] = process.argv;
const connections = openConnections({ lake: JSON.parse(connection) as ConnectionOptions });
lendFileServices((name) => connections.files(name));
const staging = await mkdtemp(join(tmpdir(), "millrace-writer-"));
try {
  await using engine = createDuckDbEngine({ threads: 1, memoryLimit: "256MB" });
  await using session = await engine.open();
  for (let at = 0; at < Number(commits); at += 1) {
    const sql = `select ${Number(first) + at} as id, 'from ${first}' as writer`;
    await publish(session, table, sql, { staging, mode: mode as "append" | "merge", key: ["id"] });
  }
} finally {
  await connections[Symbol.asyncDispose]();
  await rm(staging, { recursive: true, force: true });
}
