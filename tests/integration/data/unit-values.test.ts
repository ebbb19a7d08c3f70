// Values of units in steps, whatever the answers are packed in, and whatever is taken back of them.
import { afterEach, beforeEach, expect, test } from "vitest";
import { integrationJob } from "../../../src/data/jobs/integration-job.ts";
import type { HttpSourceOptions } from "../../../src/data/sources/http/options.ts";
import { createTestProject, type TestProject } from "../../../src/testing.ts";
import { PageServer, type Respond } from "../../support/data/page-server.ts";
import { makeZip } from "../../support/files/zip-archive.ts";

let project: TestProject;
let server: PageServer;
let respond: Respond;
beforeEach(async () => {
  respond = () => ({ body: [] });
  server = await PageServer.start((request) => respond(request));
  project = await createTestProject();
  await project.publish("accounts", [{ id: "a" }, { id: "b" }, { id: "c" }, { id: "d" }, { id: "e" }]);
});
afterEach(async () => {
  await project[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const accounts = { dataset: "accounts", role: "activation", key: "id" } as const;

function define(http: Partial<HttpSourceOptions>, convert: readonly unknown[] = [], more: object = {}) {
  return integrationJob({
    name: "calls",
    inputs: { accounts },
    source: {
      http: { url: server.url("/calls"), query: { account: "{{accounts.id}}" }, retry: { wait: "1ms" }, ...http },
    },
    convert: [{ derive: { account: "{{accounts.id}}" } }, ...convert] as never,
    output: { dataset: "calls" },
    ...more,
  });
}

async function rows(): Promise<unknown> {
  return await project.query("select sent::varchar as sent, account from calls order by sent, account", ["calls"]);
}

const all = ["a", "b", "c", "d", "e"].map((id) => ({ sent: id, account: id }));

test("rows of archives have the values of the unit whose answer the archive was", async () => {
  respond = ({ query }) => ({
    headers: { "content-type": "application/zip" },
    body: makeZip([{ name: "x/part.csv", bytes: Buffer.from(`sent\n${query.get("account")}\n`) }]),
  });
  await project.run(define({ read: { format: "csv", codec: "zip", entries: "**/*.csv" } }));
  expect(await rows()).toEqual(all);
});

test("rows with a column of the engine's own name for files have them, too", async () => {
  respond = ({ query }) => ({
    headers: { "content-type": "text/csv" },
    body: `sent,filename\n${query.get("account")},f\n`,
  });
  await project.run(define({ read: { format: "csv" } }));
  expect(await rows()).toEqual(all);
});

test("rows of JSON with a field called filename have them, too", async () => {
  respond = ({ query }) => ({ body: [{ sent: query.get("account"), filename: "x" }] });
  await project.run(define({}));
  expect(await rows()).toEqual(all);
});

test("pages that were cut and asked for again, skipped or failed leave the values of the others right", async () => {
  const seen = new Map<string, number>();
  respond = ({ query }) => {
    const account = query.get("account") ?? "";
    const times = (seen.get(account) ?? 0) + 1;
    seen.set(account, times);
    const headers = { "content-type": "text/csv" };
    if (account === "b") return { status: 404 };
    if (account === "c" && times === 1) return { headers, body: `sent\n${account}\nbroken`, isCut: true };
    if (account === "d") return { status: 400 };
    return { headers, body: `sent\n${account}\n` };
  };
  const { reason } = await project.run(
    define({ read: { format: "csv" }, responses: [{ status: 404, then: "skipUnit" }] }, [], {
      watermark: { kind: "units" },
      output: { dataset: "calls", mode: "append" },
    }),
    { onFailure: "return" },
  );
  expect(reason).toBe("partial");

  expect(await rows()).toEqual(all.filter(({ sent }) => "ace".includes(sent)));
});

test("answers without any row, columns that are always there, and values of units", async () => {
  let errors: readonly object[] = [{ sent: "x" }];
  respond = () => ({ body: { errors } });
  const job = define({ read: { rows: "errors", columns: { sent: "VARCHAR" } } }, [], { onEmpty: "ok" });
  await project.run(job);
  errors = [];
  await project.run(job);
  expect(await rows()).toEqual([]);
});

test("units with rows and units without have columns that are always there", async () => {
  respond = ({ query }) => ({ body: query.get("account") === "c" ? [{ sent: "c" }] : [] });
  await project.run(define({ read: { columns: { other: "VARCHAR" } } }));
  expect(await rows()).toEqual([{ sent: "c", account: "c" }]);
});

test("a function behind such a value is called also where no row came", async () => {
  respond = ({ query }) => ({ body: [{ sent: query.get("account") }] });
  const job = define({}, [{ map: (row: object) => row, flush: () => [{ sent: "f", account: "x" }] }]);
  await project.run(job);
  respond = () => ({ body: [] });
  await project.run(job);
  expect(await rows()).toEqual([{ sent: "f", account: "x" }]);
});

test("a skipped unit leaves no column and no type", async () => {
  respond = ({ query }) => {
    if (query.get("p") === "2") return { status: 404 };
    if (query.get("account") !== "b") return { body: [{ sent: query.get("account") }] };
    const link = `<${server.url("/calls?account=b&p=2")}>; rel="next"`;
    return { headers: { link }, body: [{ sent: 5, only: 1 }] };
  };
  const responses = [{ status: 404, then: "skipUnit" }] as const;
  await project.run(define({ pagination: { kind: "link" }, responses }, [], { unitConcurrency: 1 }));
  expect(await project.query("select * from calls order by sent", ["calls"])).toEqual(
    all.filter(({ sent }) => sent !== "b"),
  );
});

test("rows of files that are made into others have the values of their units, which are read at once", async () => {
  respond = ({ query }) => ({
    headers: { "content-type": "application/xml" },
    body: `<r><i><sent>${query.get("account")}</sent></i></r>`,
  });
  await project.run(define({ read: { format: "xml", xml: { rows: "r.i" } } }));
  expect(await rows()).toEqual(all);
});

test("a try that was given up counts neither for the cursor nor for the rows that are known", async () => {
  const page = Array.from({ length: 40 }, (_, id) => ({ id, at: 10 }));
  const cut = JSON.stringify([...page.slice(0, 19), { id: 99, at: 99 }]).slice(0, -1);
  respond = ({ index }) => (index === 0 ? { body: cut, isCut: true } : { body: page });
  const job = integrationJob({
    name: "calls",
    source: { http: { url: server.url("/calls"), query: { since: "{{watermark?}}" }, retry: { wait: "1ms" } } },
    watermark: { kind: "cursor", field: "at" },
    output: { dataset: "calls", mode: "append" },
  });
  expect((await project.run(job)).result).toMatchObject({ rows: 40 });
  expect((await project.run(job)).result).toMatchObject({ rows: 0, rowCount: 40 });
  expect(server.lines).toEqual(["GET /calls", "GET /calls", "GET /calls?since=10"]);
});
