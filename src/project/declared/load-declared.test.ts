import { mkdir, realpath, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import { useTemporaryFolder } from "../../../tests/support/temporary-folder.ts";
import { assertReferences } from "../assert-references.ts";
import { assertSingleProducers } from "../assert-single-producers.ts";
import type { Definitions } from "../definitions.ts";
import { loadDefinitions } from "../load-definitions.ts";

const folder = useTemporaryFolder("load-declared");
let root: string;

beforeAll(async () => {
  root = await realpath(folder());
});

async function load(file: string, text: string): Promise<Definitions> {
  const path = join(root, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return await loadDefinitions(root, [file]);
}

const calls = `# yaml-language-server: $schema=../job.schema.json
name: calls
description: calls of yesterday
params:
  day: { type: date, default: "2026-01-31" }
inputs:
  token: { dataset: { external: token }, role: authentication }
source:
  http:
    url: https://api.example.com/calls
    auth: { bearer: "{{token.access_token}}" }
    query: { day: "{{params.day}}", zone: no, version: "1.10" }
checks:
  - notNull: [id]
schedule: { cron: "0 6 * * *", timezone: Europe/Berlin }
retry: { maxRetries: 2 }
output: { dataset: calls, mode: append }
`;

describe("a job in YAML", () => {
  test("is the job that its options make in code", async () => {
    const definitions = await load("one/calls.job.yaml", calls);
    const job = definitions.jobs.get("calls");
    expect(job).toMatchObject({
      description: "calls of yesterday",
      purpose: "ingestion",
      inputs: ["token"],
      declaredExternal: ["token"],
      outputs: ["calls"],
      schedule: { timing: { kind: "cron", timezone: "Europe/Berlin" } },
    });
    expect(job?.params.parse({})).toEqual({ day: "2026-01-31" });
    expect(job?.params.safeParse({ day: "31.1." }).success).toBe(false);
    expect(definitions.fileOf("calls")).toBe("one/calls.job.yaml");
    expect(definitions.warnings).toEqual([]);
  });

  test("may stand with others in one file, also one that is a query", async () => {
    const text = `jobs:
  - { name: a, source: { file: { path: a.csv } }, output: { dataset: a } }
  - { name: b, inputs: [a], sql: select * from a, output: { dataset: b } }
---
name: c
sql: select 1 as one
inputs: []
output: { dataset: c }
---
`;
    const definitions = await load("many/all.job.yml", text);
    expect([...definitions.jobs].map(([name, { purpose }]) => [name, purpose])).toEqual([
      ["a", "ingestion"],
      ["b", "processing"],
      ["c", "processing"],
    ]);
  });

  test("may be JSON, with the address of its schema", async () => {
    const text = JSON.stringify({
      $schema: "x",
      name: "j",
      sql: "select 1 as one",
      inputs: [],
      output: { dataset: "j" },
    });
    expect((await load("json/j.job.json", text)).names()).toEqual(["j"]);
  });

  test("is warned of credentials that it has as text", async () => {
    const text = calls
      .replace('"{{token.access_token}}"', "canary-1234")
      .replace("calls\n    auth", "calls?api_key=canary\n    auth")
      .replace("    query:", '    headers: { X-Api-Key: canary, Accept: "*/*" }\n    query:');
    const { warnings } = await load("secret/calls.job.yaml", text);
    expect(warnings.map((warning) => warning.replace(/ has a credential.*/, ""))).toEqual([
      "secret/calls.job.yaml:10:5: `source.http.url`",
      "secret/calls.job.yaml:11:13: `source.http.auth.bearer`",
      "secret/calls.job.yaml:12:16: `source.http.headers.X-Api-Key`",
    ]);
    expect(warnings.join()).not.toContain("canary");
  });
});

const plain = "name: a\nsource: { file: { path: a.csv } }\noutput: { dataset: a }\n";

describe("what is wrong in a job file is told with its place", () => {
  test.each<[string, string, string]>([
    [
      "an unknown option",
      plain.replace("source", "sorce"),
      "2:1: unknown option `sorce` of job `a`, did you mean `source`?",
    ],
    [
      "a missing one",
      "name: a\noutput: { dataset: a }\n",
      "1:1: expected `source` of job `a` to be an object with `dataset`",
    ],
    [
      "an engine that does not know the dialect",
      "name: a\ninputs: []\nsql: select 1 as n\ndialect: duckdb\nengine: spark\noutput: { dataset: a }\n",
      "5:1: expected `engine` of job `a` to be `duckdb`, or left out, for SQL in the dialect `duckdb`, got: `spark`",
    ],
    [
      "SQL that is said to be portable",
      "name: a\ninputs: []\nsql: select 1 as n order by n\ndialect: portable\noutput: { dataset: a }\n",
      "3:1: `sql` of job `a` is not portable at 1:24: an order that does not say where NULLs go",
    ],
    ["a wrong value", `${plain}timeout: soon\n`, "4:1: expected `timeout` of job `a` to be a duration"],
    [
      "one deep inside",
      plain.replace("path:", "pth:"),
      "2:19: unknown option `pth` of `source.file` of job `a`, did you mean `path`?",
    ],
    [
      "one in a list",
      `${plain}checks:\n  - notNull: [id]\n  - uniqe: [id]\n`,
      "6:5: unknown option `uniqe` of `checks[1]`",
    ],
    [
      "a wrong kind of param",
      `${plain}params:\n  day: { type: dat }\n`,
      "5:10: expected `type` of `params.day` of job `a` to be one of",
    ],
    [
      "a default that does not fit",
      `${plain}params: { n: { type: integer, default: x } }\n`,
      "4:31: expected `default`",
    ],
    ["a name that no job can have", plain.replace("name: a", "name: A"), "1:1: expected `name` of job `A`"],
    ["a key that comes twice", `${plain}name: b\n`, "4:1: map keys must be unique"],
    ["a tab", "name: a\nsource:\n\tfile: x\n", "3:1: tabs are not allowed as indentation"],
    [
      "variables without quotes",
      plain.replace("a.csv", "{{config.path}}"),
      "2:26: a text that begins with `{` is read as an object",
    ],
    [
      "a number that lost a digit",
      `${plain}concurrency: 9007199254740993\n`,
      "4:14: a number cannot hold all digits of `9007199254740993`",
    ],
    ["a text that looks like a number", `${plain}description: 1.10\n`, "4:14: `1.10` is read as the number `1.1`"],
    ["leading zeros", `${plain}description: 00123\n`, "4:14: `00123` is read as the number `123`"],
    ["a number that is none", `${plain}priority: .nan\n`, "4:11: `.nan` is read as no number that JSON has"],
    ["a tag", `${plain}description: !secret x\n`, "4:14: unresolved tag: !secret"],
    ["bytes", `${plain}description: !!binary aGk=\n`, "4:23: expected a text, a number"],
    ["an old version of YAML", `%YAML 1.1\n---\n${plain}`, "1:1: expected YAML 1.2, got: `1.1`"],
    ["an alias of itself", "name: a\nsource: &x { file: *x }\n", "2:20: an alias stands in what it stands for"],
    ["text that does not end", 'name: "a\n', '2:1: missing closing "quote'],
    ["no job at all", "# nothing\n", " it declares no job"],
    ["a list", "- a\n", "1:1: expected a job, or a list of them under `jobs`"],
    ["something beside a list of jobs", "jobs: []\nname: a\n", "2:1: `name` stands beside `jobs`"],
  ])("%s", async (_what, text, message) => {
    const error = await expectFailure(load("wrong/wrong.job.yaml", text));
    expect(error.message).toContain(`wrong/wrong.job.yaml:${message}`);
  });

  test("a billion values by aliases are refused before they are there", async () => {
    const levels = Array.from({ length: 20 }, (_, index) => `l${index + 1}: &l${index + 1} [*l${index}, *l${index}]`);
    const error = await expectFailure(load("wrong/bomb.job.yaml", ["l0: &l0 [1]", ...levels].join("\n")));
    expect(error).toMatchObject({
      code: "MODULE_UNREADABLE",
      message: expect.stringContaining("more than 100000 values"),
    });
  });

  test("nesting without end is refused", async () => {
    const error = await expectFailure(load("wrong/deep.job.yaml", "[".repeat(20_000)));
    expect(error).toMatchObject({ code: "MODULE_UNREADABLE" });
  });

  test("JSON that only YAML would take is refused with its place", async () => {
    const error = await expectFailure(load("wrong/comment.job.json", '{\n  # a comment\n  "name": "a" }'));
    expect(error.message).toMatch(/^wrong\/comment\.job\.json:2:3: /);
  });

  test("with its line and a mark below it, unless a credential may be on it", async () => {
    const found = await expectFailure(load("wrong/line.job.yaml", plain.replace("source", "sorce")));
    expect(found.details?.["excerpt"]).toEqual(["2 | sorce: { file: { path: a.csv } }", "    ^"]);
    const hidden = await expectFailure(
      load("wrong/hidden.job.yaml", plain.replace("source", "token: canary-12\nsorce")),
    );
    expect(JSON.stringify(hidden)).not.toContain("canary");
  });

  test("also when it takes several files to know that it is wrong", async () => {
    const reading = await load(
      "cross/reads.job.yaml",
      "name: r\ninputs:\n  - gone\nsql: select 1\noutput: { dataset: r }\n",
    );
    const unknown = await expectFailure(
      assertReferences(reading, {
        root,
        settings: { channels: {}, limits: { pools: {}, connections: {}, tenants: {} } },
      }),
    );
    expect(unknown.message).toContain("job `r` in cross/reads.job.yaml:3:5 reads unknown dataset `gone`");
    const twice = await load("cross/twice.job.yaml", `${plain}---\n${plain.replace("name: a", "name: b")}`);
    const both = await expectFailure(assertSingleProducers(twice, root));
    expect(both.message).toContain("`a` in cross/twice.job.yaml:3:11 and `b` in cross/twice.job.yaml:7:11");
  });
});
