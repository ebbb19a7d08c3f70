// Secrets that come by each kind of reference, in connections, config and params: they are there for the job where it uses them, and in
// nothing that the run leaves behind.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { expectNoCanary } from "../../support/cli/canary-project.ts";
import { createCommandLine } from "../../support/cli/command-line.ts";
import { writeInsideProject } from "../../support/cli/inside-project.ts";
import { PageServer } from "../../support/data/page-server.ts";
import { type AwsSecretsServer, startAwsSecretsServer } from "../../support/http/aws-secrets-server.ts";

const secrets = {
  env: "canary-5b1d-of-a-variable",
  file: "canary-77c0-of-a-file",
  ssm: "canary-e2a9-of-a-parameter",
  secretsmanager: "canary-04fd-of-a-secret",
} as const;

const job = (isolation: string): string => `import { defineJob, MillraceError, z } from "millrace";
export default defineJob({
  name: "tell_${isolation}", isolation: "${isolation}", retry: { maxRetries: 0 },
  config: z.object({ url: z.string() }),
  params: z.object({ load_job: z.object({ properties: z.record(z.string(), z.string()) }), fails: z.boolean().default(false) }),
  async execute(ctx) {
    const { properties } = await ctx.secret(ctx.params.load_job);
    const url = await ctx.secret(ctx.config.url);
    const answer = await (await ctx.connection("crm").send({ url: "/items", method: "POST", json: { url, ...properties } })).json();
    ctx.log.info("told " + Object.values(properties).join(), { url, properties, answer });
    ctx.progress({ operation: url });
    await ctx.checkpoint.save({ given: ctx.params });
    if (ctx.params.fails) throw new MillraceError("JOB_FAILED", "refused " + url, { hint: Object.values(properties).join() });
    return { given: ctx.params, config: ctx.config };
  },
});
`;

let aws: AwsSecretsServer;
let service: PageServer;
let project: string;
beforeEach(async () => {
  aws = await startAwsSecretsServer();
  aws.parameters.set("/prod/crm", secrets.ssm);
  aws.secrets.set("dwh", { SecretString: JSON.stringify({ password: secrets.secretsmanager }) });
  service = await PageServer.start((request) => ({ body: { seen: [request.body, request.headers.authorization] } }));
  const config = ["inline", "thread"].map(
    (isolation) => `tell_${isolation}: { url: "db://me:\${env:CANARY_PASSWORD}@host" }`,
  );
  project = await writeInsideProject({
    "key.txt": `${secrets.file}\n`,
    "millrace.config.ts": `export default {
      connections: { crm: { http: { baseUrl: "${service.url("")}", auth: { bearer: "\${ssm:/prod/crm}" } } } },
      config: { ${config.join(", ")} },
    };`,
    "jobs/inline.ts": job("inline"),
    "jobs/thread.ts": job("thread"),
  });
  vi.stubEnv("CANARY_PASSWORD", secrets.env);
  for (const [name, value] of Object.entries({
    AWS_ENDPOINT_URL: aws.origin,
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "AKIA",
    AWS_SECRET_ACCESS_KEY: "canary-key",
  }))
    vi.stubEnv(name, value);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await aws[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
  await rm(project, { recursive: true });
});

const references = {
  password: "${secretsmanager:dwh#password}",
  token: "${ssm:/prod/crm}",
  key: "${file:key.txt}",
  user: "me-${env:CANARY_PASSWORD}",
};

test.each(["inline", "thread"])(
  "a job that executes %s uses secrets by reference, and none is kept",
  async (isolation) => {
    const line = createCommandLine(project);
    const params = (fails: boolean): string => JSON.stringify({ load_job: { properties: references }, fails });
    const said: Record<string, string> = {};
    for (const fails of [false, true]) {
      const { exitCode, stdout, stderr } = await line.run(
        "run",
        `tell_${isolation}`,
        "--json",
        "--params",
        params(fails),
      );
      expect({ fails, exitCode }).toEqual({ fails, exitCode: fails ? 1 : 0 });
      said[`run ${fails}`] = stdout + stderr;
    }
    const [sent] = service.requests;
    expect(sent?.headers.authorization).toBe(`Bearer ${secrets.ssm}`);
    expect(JSON.parse(sent?.body ?? "")).toEqual({
      url: `db://me:${secrets.env}@host`,
      password: secrets.secretsmanager,
      token: secrets.ssm,
      key: secrets.file,
      user: `me-${secrets.env}`,
    });
    for (const command of [
      ["show", "r1"],
      ["show", "r2"],
      ["logs", "r1"],
      ["state", "show", `tell_${isolation}`],
    ]) {
      const { stdout, stderr } = await line.run(...command, "--json");
      said[command.join(" ")] = stdout + stderr;
    }
    expect(said["show r1"]).toContain('"user":"me-${env:CANARY_PASSWORD}"');
    await expectNoCanary(said, [join(project, ".millrace")], Object.values(secrets));
  },
);

test("a reference that leads nowhere fails the run with its name, and no other", async () => {
  const properties = { password: "${ssm:/gone}" };
  const params = JSON.stringify({ load_job: { properties } });
  const { exitCode, stdout } = await createCommandLine(project).run("run", "tell_inline", "--json", "--params", params);
  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    error: { code: "SECRET_MISSING", message: "parameter `/gone` of Systems Manager does not exist" },
  });
});
