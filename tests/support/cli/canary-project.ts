// A project whose jobs ask a service with secrets in every place of a request, in each language and isolation, and a search for these
// secrets in all that a run leaves behind.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { Answer } from "../data/page-server.ts";
import { writeInsideProject } from "./inside-project.ts";

/** Of the environment, through a connection; and of the configuration of a job. */
export const canaries = { environment: "canary-1c7e-environment", config: "canary-9a40-configuration" } as const;

/** Ways to define a job × places where it is executed. */
export const canaryJobs = ["ts", "yaml"].flatMap((language) =>
  ["inline", "thread", "process"].map((isolation) => ({ name: `ask_${language}_${isolation}`, language, isolation })),
);

type CanaryJob = (typeof canaryJobs)[number];

/** Makes the project. @param origin of the service @returns its folder; whoever asked removes it */
export async function writeCanaryProject(origin: string): Promise<string> {
  const files = canaryJobs.map((job) => [`jobs/${fileOf(job)}`, job.language === "ts" ? typescript(job) : yaml(job)]);
  const config = canaryJobs.map(({ name }) => `${name}: { token: process.env.CANARY_CONFIG }`);
  return await writeInsideProject({
    "millrace.config.ts": `import { defineProject, env } from "millrace";
      export default defineProject({
        connections: { crm: { http: { baseUrl: "${origin}", auth: { bearer: env("CANARY_SECRET") } } } },
        config: { ${config.join(", ")} },
      });`,
    ...Object.fromEntries(files),
  });
}

/** What a service may do with the secrets that it gets. */
export const tellingAnswers = {
  ok: () => ({ body: { items: [{ id: 1 }], seen: everySecret }, headers: { "x-seen": everySecret } }),
  refused: () => ({
    status: 401,
    body: { error: `no such key: ${everySecret}` },
    headers: { "www-authenticate": `Bearer realm="${everySecret}"`, "x-seen": everySecret },
  }),
  moved: () => ({
    status: 302,
    headers: { location: `http://127.0.0.1:1/login?token=${everySecret}&next=${everySecret}` },
  }),
  broken: () => ({ status: 200, body: `{"items": ${everySecret}`, headers: { "content-type": "application/json" } }),
} as const satisfies Readonly<Record<string, () => Answer>>;

const everySecret = Object.values(canaries).join(" ");

/** Fails where one of the texts, or a file below one of the folders, has a secret in a form that somebody could read. */
export async function expectNoCanary(
  texts: Readonly<Record<string, string>>,
  folders: readonly string[],
  secrets: readonly string[] = Object.values(canaries),
): Promise<void> {
  const forms = secrets.flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString("hex"),
    // without the ends, which depend on what stands beside
    Buffer.from(secret).toString("base64").slice(0, -4),
  ]);
  const found = Object.entries(texts).filter(([, text]) => forms.some((form) => text.includes(form)));
  expect(found.map(([where, text]) => [where, around(text, forms)])).toEqual([]);
  for (const folder of folders) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const text = await readFile(file, "latin1");
      expect([file, around(text, forms)]).toEqual([file, undefined]);
    }
  }
}

function around(text: string, forms: readonly string[]): string | undefined {
  const form = forms.find((one) => text.includes(one));
  if (form === undefined) return undefined;
  const at = text.indexOf(form);
  return text.slice(Math.max(0, at - 200), at + form.length + 20);
}

function fileOf({ name, language }: CanaryJob): string {
  return language === "ts" ? `${name}.ts` : `${name}.job.yaml`;
}

function typescript({ name, isolation }: CanaryJob): string {
  return `import { integrationJob } from "millrace";
    export default integrationJob({
      name: "${name}", purpose: "extraction", isolation: "${isolation}",
      source: { http: {
        connection: "crm", url: "/v1/items", method: "POST",
        query: { key: "{{config.token}}" }, headers: { "x-key": "{{config.token}}" },
        body: { json: { key: "{{config.token}}" } }, read: { rows: "items" }, retry: { attempts: 1 },
      } },
      retry: { maxRetries: 0 },
      output: { dataset: "${name}" },
    });`;
}

function yaml({ name, isolation }: CanaryJob): string {
  return `name: ${name}
purpose: extraction
isolation: ${isolation}
source:
  http:
    connection: crm
    url: /v1/items
    method: POST
    query: { key: "{{config.token}}" }
    headers: { x-key: "{{config.token}}" }
    body: { json: { key: "{{config.token}}" } }
    read: { rows: items }
    retry: { attempts: 1 }
retry: { maxRetries: 0 }
output: { dataset: ${name} }
`;
}
