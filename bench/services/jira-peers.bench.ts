// Issues of a Jira as `jiraJob` reads them into their dataset, beside airbyte-cdk, which writes them as lines of JSON with a manifest of the
// shape of its connector. Both ask the same server; what counts is the time of their processors, without the start of any program.
import { execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { ensurePython } from "../../tests/services/python-environment.ts";
import { issueFields } from "../../src/integrations/jira/document-config.ts";
import type { Bench } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { buildPackage, makeProject } from "../harness/built-package.ts";
import { jiraEmail, jiraToken } from "./jira-account.ts";

const issueCount = Number(process.env["BENCH_JIRA_ISSUES"] ?? 10_000);
const repetitions = 3;
/** The last is measured; those before it find out what to ask for. */
const jobs = [
  "jira_projects",
  "jira_fields",
  "jira_board_list",
  "jira_board_configurations",
  "jira_boards",
  "jira_scopes",
  "jira_issue_records",
];

interface Reading {
  readonly rows: number;
  readonly cpuSeconds: number;
}

export const bench: Bench = {
  name: "jira-peers",
  description: `${issueCount.toLocaleString("en-US")} issues of a Jira into a dataset, beside airbyte-cdk with a manifest of its shape`,
  hasServer: true,
  async run() {
    const python = await ensurePython(["dlt==1.31.0", "pyarrow==26.0.1", "airbyte-cdk==7.39.1"]);
    await buildPackage();
    await using folder = await createBenchFolder();
    const server = spawn(process.execPath, [join(import.meta.dirname, "jira-service.ts"), String(issueCount)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      const [url] = (await once(createInterface({ input: server.stdout }), "line")) as [string];
      const ours: Reading[] = [];
      const theirs: Reading[] = [];
      // the first turn warms up and does not count
      for (let turn = 0; turn <= repetitions; turn += 1) {
        ours.push(await readWithMillrace(url, join(folder.path, randomUUID())));
        theirs.push(await readWithAirbyte(python, url, join(folder.path, randomUUID())));
      }
      return [
        {
          name: "an issue, time of the processor",
          unit: "µs",
          ours: ours.slice(1).map(perRow),
          peer: { name: "airbyte-cdk, to lines of JSON", values: theirs.slice(1).map(perRow) },
          target: { kind: "ratio", atMost: 0.1 },
        },
      ];
    } finally {
      server.kill();
      await once(server, "exit");
    }
  },
};

const perRow = ({ rows, cpuSeconds }: Reading): number => (cpuSeconds / rows) * 1e6;

function assertAll({ rows, cpuSeconds }: Reading): Reading {
  if (rows !== issueCount) throw new Error(`expected ${issueCount} issues, got: ${rows}`);
  return { rows, cpuSeconds };
}

async function readWithMillrace(url: string, place: string): Promise<Reading> {
  const account = JSON.stringify({ baseUrl: url, email: jiraEmail, token: jiraToken });
  await makeProject(place, {
    "millrace.config.ts": `import { defineProject, jiraConnection } from "millrace";
export default defineProject({ connections: { jira: jiraConnection(${account}) } });
`,
    "jobs/jira.ts": `import { jiraJob } from "millrace";
export default jiraJob();
`,
  });
  const script = join(import.meta.dirname, "jira-millrace.ts");
  const args = ["--conditions=millrace-source", "--disable-warning=ExperimentalWarning", script, place, ...jobs];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 64 * 1024 ** 2 });
  return assertAll(JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Reading);
}

async function readWithAirbyte(python: string, url: string, place: string): Promise<Reading> {
  await mkdir(place);
  const script = join(import.meta.dirname, "../peers/jira_reader.py");
  const fields = [...issueFields, "customfield_10020", "customfield_10016"].join(",");
  const { stdout } = await promisify(execFile)(python, [script, url, place, jiraEmail, jiraToken, fields]);
  return assertAll(JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Reading);
}
