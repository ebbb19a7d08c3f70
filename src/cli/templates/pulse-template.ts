// The files of a new project that measures delivery: those of the example, which the package has, with an organisation of its own that
// is smaller and ends in this week.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MillraceError } from "../../core/errors/errors.ts";
import type { TemplateFile } from "./template-file.ts";

/** What the pipeline is called. */
export const pulsePipeline: string = "pulse";

/** Folders with code beside the files of the project. */
export const pulseFolders: readonly string[] = ["pipelines", "jobs", "organisation", "servers"];

/**
 * The files beside those that every new project has.
 * @param nowMs milliseconds since 1970; the organisation is as it was on the last Sunday before
 * @param folder of the example
 * @throws MillraceError `USAGE_INVALID` where the package has no examples
 */
export function listPulseFiles(nowMs: number, folder: string = example): readonly TemplateFile[] {
  const files = listExample(folder).map((path) => ({ path, text: readFileSync(join(folder, path), "utf8") }));
  return files.map((file) => (file.path === organisationFile ? { ...file, text: organisation(nowMs) } : file));
}

/** What the files are, for the README. */
export const pulseFiles: string = `It runs at once: without tokens, the organisation of \`organisation/\` stands in, served by a GitHub and a Jira on this machine
(\`servers/\`), and the report says which figures are those that are true of it. For your own:

1. put the names into \`accounts.ts\`;
2. \`export GITHUB_TOKEN=… JIRA_TOKEN=…\`;
3. delete \`lake/\` and \`.millrace/\`, so that nothing of the other organisation stays, and run \`npx millrace run pulse\`.

Both folders may go then, with the lines of \`accounts.ts\` and \`jobs/pulse-report.ts\` that name them.

| file | what it is |
| --- | --- |
| \`accounts.ts\` | whose work is looked at, and what is deployed as one service |
| \`pipelines/github.ts\`, \`pipelines/jira.ts\` | what is collected, and when |
| \`pipelines/pulse.ts\` | all of it in one run |
| \`jobs/dora.ts\`, \`jobs/sprints.ts\` | what an incident is, which statuses are waiting |
| \`jobs/pulse-report.ts\` | the summary of Monday morning, in \`out/report.txt\` |
| \`organisation/\`, \`servers/\` | an organisation out of a seed, and who serves it |
| \`millrace.config.ts\` | settings of the project |

The screens are *Delivery*, *Sprints* and *Collection*. All else is in the guide to Pulse, \`node_modules/millrace/docs/guides/pulse.md\`.
`;

const example: string = fileURLToPath(new URL("../../../examples/pulse/", import.meta.url));

const organisationFile = "organisation/organisation.ts";

function listExample(example: string): readonly string[] {
  try {
    const folders = pulseFolders.flatMap((folder) =>
      readdirSync(join(example, folder), { recursive: true, encoding: "utf8" }).map((file) => `${folder}/${file}`),
    );
    const paths = ["accounts.ts", "millrace.config.ts", ...folders].map((path) => path.replaceAll("\\", "/"));
    return paths.filter((path) => path.endsWith(".ts")).toSorted((a, b) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1));
  } catch (cause) {
    throw new MillraceError("USAGE_INVALID", `the template \`pulse\` is read from \`${example}\`, which is not there`, {
      hint: "install the package anew; one that was bundled has no examples",
      cause,
    });
  }
}

/** In the order in which a reader should meet them. */
function rankOf(path: string): number {
  return pulseFolders.findIndex((folder) => path.startsWith(`${folder}/`));
}

const day = 86_400_000;

// Figures are shown by week, so the weeks are whole ones: seven sprints of two weeks, of which the last is not over.
const organisation = (nowMs: number): string => {
  const start = new Date(nowMs - 90 * day);
  const monday = new Date(start.getTime() - ((start.getUTCDay() + 6) % 7) * day).toISOString().slice(0, 10);
  return `// The organisation that the servers on this machine have.
import { createOrganisation, type Organisation } from "./create-organisation.ts";

export const organisation: Organisation = createOrganisation({
  start: "${monday}T00:00:00Z",
  repositories: 10,
  pullRequests: 240,
  deployments: 110,
  projects: 2,
  issues: 360,
  sprints: 14,
});
`;
};
