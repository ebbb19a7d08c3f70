// Requests that nobody knows of, at the command line: found, resolved, and gone on from.
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type CommandLine, createCommandLine } from "../../support/cli/command-line.ts";
import { writeInsideProject } from "../../support/cli/inside-project.ts";
import { PageServer, type Respond } from "../../support/data/page-server.ts";

let server: PageServer;
let respond: Respond;
let project: string;
let commandLine: CommandLine;

beforeEach(async () => {
  server = await PageServer.start((request) => respond(request));
  project = await writeInsideProject({
    "jobs/prepare.ts": `import { sqlJob } from "millrace";
      export default sqlJob({ name: "prepare", inputs: [], sql: "select unnest([1, 2, 3]) as id, 'canary-row-5f' as note", output: { dataset: "prepared" } });`,
    "jobs/upload.ts": `import { integrationJob } from "millrace";
      export default integrationJob({
        name: "upload",
        purpose: "egression",
        inputs: { payload: { dataset: "prepared", role: "payload", batch: 1, fields: ["id"], by: ["note"] } },
        source: { http: { url: "${server.url("/rows?api_key=canary-7f2a91")}", method: "POST", headers: { "x-note": "{{payload.note}}" }, body: { json: "{{payload.rows}}" } } },
        output: { dataset: "answers" },
      });`,
  });
  commandLine = createCommandLine(project);
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await rm(project, { recursive: true });
});

test.each([
  ["done", ['[{"id":1}]', '[{"id":2}]', '[{"id":3}]'], 2, "partial", 1],
  ["again", ['[{"id":1}]', '[{"id":2}]', '[{"id":2}]', '[{"id":3}]'], 3, null, 0],
])(
  "an unknown request that is resolved as %s lets the run go on where it was",
  async (as, sent, rows, reason, lost) => {
    respond = ({ index }) => ({ body: [{ answer: index }], isCut: index === 1 });
    await commandLine.run("run", "prepare");
    expect(await commandLine.run("run", "upload")).toMatchObject({ exitCode: 1 });
    const listed = await commandLine.run("requests", "list", "--state", "unknown", "--json");
    const { items } = JSON.parse(listed.stdout) as { items: { run: string; name: string; address: string }[] };
    expect(items).toMatchObject([{ name: "answers, batch 2", method: "POST", sends: 1, status: null }]);
    expect(listed.stdout).not.toContain("canary");
    const run = items[0]?.run ?? "";
    expect((await commandLine.run("requests", "list", run)).stdout).toContain("answered");
    const resolved = await commandLine.run("requests", "resolve", run, "answers, batch 2", "--as", as);
    expect(resolved).toMatchObject({ exitCode: 0 });
    const again = await commandLine.run("requests", "resolve", run, "answers, batch 2", "--as", as);
    expect(again.stderr).toContain("has no unknown request");
    await commandLine.run("retry", run);
    expect(await commandLine.run("run", "upload")).toMatchObject({ exitCode: 0 });
    expect(server.requests.map(({ body }) => body)).toEqual(sent);
    // an answer that was given up is told of, and not only in the log
    const shown = JSON.parse((await commandLine.run("show", run, "--json")).stdout) as unknown;
    const key = { key: "batch 2", error: "its request was resolved as done, and the rows of its answer are lost" };
    const failures = lost === 0 ? [] : [expect.objectContaining(key)];
    expect(shown).toMatchObject({ state: "FINISHED", reason, units: { failed: lost, failures } });
    // neither what was sent nor a secret of the address is in the store
    for (const name of ["store.db", "store.db-wal"]) {
      const bytes = await readFile(join(project, ".millrace", name)).catch(() => Buffer.alloc(0));
      expect(bytes.includes("canary")).toBe(false);
    }
    const answers = await commandLine.run("datasets", "query", "select count(*) as n from answers", "--json");
    expect(answers.stdout).toContain(String(rows));
  },
);

test("an answer that could not be read is read again by a retry, without sending, once `read` is right", async () => {
  respond = ({ index }) => ({ body: { answer: index } });
  await commandLine.run("run", "prepare");
  const failed = await commandLine.run("run", "upload");
  expect(failed).toMatchObject({ exitCode: 1 });
  expect(failed.stderr).toContain("SOURCE_UNREADABLE: upload: `answers, batch 1` was sent, and it answered 200");
  const { items } = JSON.parse((await commandLine.run("requests", "list", "--json")).stdout) as {
    items: { run: string }[];
  };
  expect(items).toMatchObject([{ name: "answers, batch 1", state: "answered", sends: 1, status: 200 }]);
  const path = join(project, "jobs/upload.ts");
  const job = await readFile(path, "utf8");
  // another file, since this process has loaded the first one
  await rm(path);
  const right = job.replace('method: "POST"', 'method: "POST", read: { rows: "." }');
  await writeFile(join(project, "jobs/right.ts"), right);
  const corrected = createCommandLine(project);
  await corrected.run("retry", items[0]?.run ?? "");
  expect(await corrected.run("run", "upload")).toMatchObject({ exitCode: 0 });
  expect(server.requests.map(({ body }) => body)).toEqual(['[{"id":1}]', '[{"id":2}]', '[{"id":3}]']);
  const answers = await corrected.run("datasets", "query", "select sum(answer) as n from answers", "--json");
  expect(answers.stdout).toContain("3");
});

test("a request that is answered by an error has the status of the answer", async () => {
  respond = () => ({ status: 503 });
  await commandLine.run("run", "prepare");
  await commandLine.run("run", "upload");
  const listed = await commandLine.run("requests", "list", "--json");
  expect(JSON.parse(listed.stdout)).toMatchObject({ items: [{ state: "unknown", status: 503 }] });
});

test("what cannot be resolved is told", async () => {
  const wrong = await commandLine.run("requests", "resolve", "r1", "answers, batch 1", "--as", "lost");
  expect(wrong.stderr).toContain("expected `--as` to be one of `done`, `again`, got: `lost`");
  expect((await commandLine.run("requests", "list", "x")).stderr).toContain("expected a run id like `r42`");
  expect((await commandLine.run("requests")).stderr).toContain("no requests");
});
