// Other people's clients read the services that Millrace is tried with, and get the same rows: what our servers do is what
// others take them for.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Pagination } from "../../../src/data/requests/pagination.ts";
import { DataProject } from "../../support/data/data-project.ts";
import type { PageServer } from "../../support/data/page-server.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";
import { ensurePython } from "../python-environment.ts";
import { readWithAirbyte } from "./airbyte-client.ts";
import { type PageKind, pageSize, rows, startPagedService } from "./paged-service.ts";

const run = promisify(execFile);
const folder = useTemporaryFolder("foreign-clients");
let server: PageServer;
let project: DataProject;
let python: string;

beforeAll(async () => {
  python = await ensurePython(["dlt==1.31.0", "airbyte-cdk==7.39.1"]);
  server = await startPagedService();
});
beforeEach(async () => {
  project = await DataProject.create();
});
afterEach(async () => {
  await project[Symbol.asyncDispose]();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

interface OurWay {
  readonly query?: Readonly<Record<string, string>>;
  readonly pagination: Pagination;
}

const ours: Readonly<Record<PageKind, OurWay>> = {
  page: { query: { page: "{{page.number}}" }, pagination: { kind: "page" } },
  offset: { query: { offset: "{{page.offset}}" }, pagination: { kind: "offset", size: pageSize } },
  cursor: { query: { cursor: "{{page.cursor?}}" }, pagination: { kind: "cursor", path: "next" } },
  nextUrl: { pagination: { kind: "nextUrl", path: "links.next" } },
  link: { pagination: { kind: "link" } },
};

const kinds = Object.keys(ours) as PageKind[];

test.each(kinds)("rows in pages by %s are the same for dlt, airbyte-cdk, curl and Millrace", async (kind) => {
  expect(await readWithMillrace(kind)).toEqual(rows);
  expect(await readWithDlt(kind)).toEqual(rows);
  // it leaves fields out that are null
  const theirs = await readWithAirbyte(python, folder(), server.url(""), kind);
  expect(theirs.map((row) => ({ note: null, ...row }))).toEqual(rows);
  const { stdout } = await run("curl", ["--silent", "--fail", server.url(`/${kind}?page=1`)]);
  expect((JSON.parse(stdout) as { items: unknown }).items).toEqual(rows.slice(0, pageSize));
});

async function readWithMillrace(kind: PageKind): Promise<unknown[]> {
  const path = `out/${kind}.ndjson`;
  await project.publish({
    source: { http: { url: server.url(`/${kind}`), read: { rows: "items" }, ...ours[kind] } },
    output: { dataset: "items", ndjson: { path } },
  });
  const lines = (await readFile(project.path(path), "utf8")).trim().split("\n");
  return lines.map((line) => JSON.parse(line) as unknown);
}

async function readWithDlt(kind: PageKind): Promise<unknown> {
  const script = fileURLToPath(new URL("dlt_client.py", import.meta.url));
  const { stdout } = await run(python, [script, server.url(""), kind], { maxBuffer: 64 * 1024 ** 2 });
  return JSON.parse(stdout);
}
