// A load job in runs of a real worker: its source is behind a connection and named by the date of the run.
import { expect, test } from "vitest";
import { loadJob } from "../../../src/loads/load-job.ts";
import { createTestProject } from "../../../src/testing/test-project.ts";
import { S3Server } from "../../support/files/s3-server.ts";

test("each run loads the files of its date to all places, and the rows of other dates stay", async () => {
  await using bucket = await S3Server.start();
  await using project = await createTestProject({ connections: { lake: bucket.connection } });
  bucket.put("in/2024-01-01/promos.csv", "id,name\n1,one\n2,two\n");
  bucket.put("in/2024-01-02/promos.csv", "id,name\n2,zwei\n3,drei\n");
  const job = loadJob({
    name: "load_promos",
    extractor_config: { strategy: "CSV", path: "in/{{params.start_date}}/*.csv", connection: "lake" },
    unity_loader_config: { strategy: "DELTA" },
    stage_loader_config: { strategy: "PARQUET", path: "stage", connection: "lake" },
    redshift_loader_config: { strategy: "SQLITE", path: "out/dwh.sqlite" },
    transform: (row) => ({ ...row, name: String(row["name"]).toUpperCase() }),
    output: { dataset: "promos", mode: "merge", key: ["id"] },
  });
  const namesOf = async (dataset: string): Promise<unknown[]> =>
    (await project.query(`select name from ${dataset} order by id`, [dataset])).map(({ name }) => name);
  const run = async (start_date: string): Promise<unknown> =>
    (await project.run(job, { params: { start_date } })).result;
  await run("2024-01-01");
  const changed = { loads: [{ changed: true }, { changed: true }, { changed: true }] };
  expect(await run("2024-01-02")).toMatchObject(changed);
  expect(await namesOf("promos")).toEqual(["ONE", "ZWEI", "DREI"]);
  expect(await namesOf("promos_redshift")).toEqual(["ONE", "ZWEI", "DREI"]);
  expect(await namesOf("promos_stage")).toEqual(["ZWEI", "DREI"]);
  expect(await run("2024-01-02")).toMatchObject({
    loads: [{ changed: false }, { changed: false }, { changed: false }],
  });
});
