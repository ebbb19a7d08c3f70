// Rows of datasets on the wire. What the data layer reads is the fixture's.
import { expect, it } from "vitest";
import { defineJob } from "../../../src/core/job/job.ts";
import { createRestFixture } from "../../support/server/rest-fixture.ts";
import { publishDataset } from "../../support/server/publish-dataset.ts";
import { startTestServer } from "../../support/server/test-server.ts";

const ingest = defineJob({ name: "ingest", outputs: ["people"], execute: () => 1 });
const login = defineJob({ name: "login", purpose: "authentication", outputs: ["tokens"], execute: () => 1 });

it("shows the first rows of a dataset and of a query, with 64 bits as text", async () => {
  await using fixture = await createRestFixture([ingest, login]);
  const params = { dataset: "people" };
  expect(await fixture.call("listDatasetRows", { params })).toEqual({ columns: [], items: [], has_more: false });
  await publishDataset(fixture, ingest, "people");
  expect(await fixture.call("listDatasetRows", { params, query: { limit: "1" } })).toEqual({
    columns: [{ name: "id", type: "BIGINT" }],
    items: [{ id: "1" }],
    has_more: true,
  });
  expect(await fixture.call("queryDatasets", { body: { sql: "select 1 as n from people" } })).toMatchObject({
    items: [{ n: 1 }],
  });
  const unknown = fixture.call("listDatasetRows", { params: { dataset: "peopel" } });
  await expect(unknown).rejects.toMatchObject({
    code: "DATASET_UNKNOWN",
    message: expect.stringContaining("`people`"),
  });
});

it("shows nobody what a job for authentication has published", async () => {
  await using fixture = await createRestFixture([ingest, login]);
  await publishDataset(fixture, login, "tokens");
  const sealed = { code: "FORBIDDEN", message: expect.stringContaining("`tokens`") };
  await expect(fixture.call("listDatasetRows", { params: { dataset: "tokens" } })).rejects.toMatchObject(sealed);
  const query = { body: { sql: "select * from TOKENS" } };
  await expect(fixture.call("queryDatasets", query)).rejects.toMatchObject({ code: "FORBIDDEN" });
  const file = { params: { dataset: "tokens" }, query: { format: "csv" } };
  await expect(fixture.call("exportDataset", file)).rejects.toMatchObject(sealed);
  await expect(fixture.call("showQuarantine", { params: { dataset: "tokens" } })).rejects.toMatchObject(sealed);
});

it("gives all rows of a dataset as a file, to an operator and nobody less", async () => {
  await using test = await startTestServer({ definitions: [ingest] });
  await publishDataset(test.fixture, ingest, "people");
  const call = { params: { dataset: "people" }, query: { format: "csv" } };
  const answer = await test.call("exportDataset", { ...call, token: test.tokens.operator });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("text/csv; charset=utf-8");
  expect(answer.headers.get("content-disposition")).toBe('attachment; filename="people.csv"');
  const text = await answer.text();
  expect(text).toBe('query\n"select * from "people""\n');
  expect(answer.headers.get("content-length")).toBe(String(text.length));
  expect((await test.call("exportDataset", { ...call, token: test.tokens.viewer })).status).toBe(403);
  expect((await test.call("exportDataset", { ...call, query: { format: "xlsx" } })).status).toBe(400);
  expect((await test.call("exportDataset", { ...call, params: { dataset: "peopel" } })).status).toBe(404);
});
