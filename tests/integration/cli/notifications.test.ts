// A project that tells people of its runs, with peers that answer as they like; at the command line.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createSmallProject, type SmallProject } from "../../support/cli/small-project.ts";
import { type BehavingServer, startBehavingServer } from "../../support/http/behaving-server.ts";
import { type SmtpServer, startSmtpServer } from "../../support/notifications/smtp-server.ts";

let hook: BehavingServer;
let mail: SmtpServer;
let status = 200;
const jobs = {
  "jobs/flaky.ts": `import { defineJob } from "millrace";
    import { existsSync } from "node:fs";
    export default defineJob({
      name: "flaky",
      retry: { maxRetries: 0 },
      notifications: { succeeded: [{ webhook: { url: "env:HOOK" } }] },
      execute() {
        if (!existsSync(new URL("../well", import.meta.url))) throw new Error("no table \`promos\`");
      },
    });`,
};

beforeEach(async () => {
  status = 200;
  hook = await startBehavingServer((_, response) => void response.writeHead(status).end());
  mail = await startSmtpServer();
  vi.stubEnv("HOOK", `${hook.origin}/services/secret-of-the-hook`);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await hook[Symbol.asyncDispose]();
  await mail[Symbol.asyncDispose]();
});

describe("a project that tells people", () => {
  test("a failure is told by each channel once, and then that it is over", async () => {
    await using project = await createProject();
    await project.run("run", "flaky");
    await project.run("run", "flaky");
    expect(hook.received.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
      {
        project: expect.any(String) as unknown,
        notices: [{ event: "failed", message: "no table `promos`", run: "r1" }],
      },
    ]);
    expect(mail.taken.map(({ content }) => content)).toEqual([
      expect.stringContaining("no table `promos` (JOB_FAILED)"),
    ]);
    await project.write("well", "");
    expect(await project.run("run", "flaky")).toMatchObject({ exitCode: 0 });
    const told = hook.received.slice(1).map(({ body }) => (JSON.parse(body) as { notices: object[] }).notices[0]);
    expect(told).toMatchObject([{ event: "recovered", times: 2 }, { event: "succeeded" }]);
  });

  test("a run stays finished when nobody can be told, and the message is tried again", async () => {
    const { port } = mail;
    await mail[Symbol.asyncDispose]();
    status = 503;
    await using project = await createProject(port);
    await project.write("well", "");
    expect(await project.run("run", "flaky")).toMatchObject({ exitCode: 0 });
    const { items } = await list(project);
    expect(items).toMatchObject([
      { channel: "flaky:succeeded", state: "waiting", attempts: 1, problem: { code: "SERVICE_UNAVAILABLE" } },
    ]);
    expect(JSON.stringify(items)).not.toContain("secret-of-the-hook");
    mail = await startSmtpServer();
  });

  test("what was refused is given up, told why, and sent again when a person asks for it", async () => {
    await using project = await createProject();
    status = 404;
    await project.run("run", "flaky");
    const { items, given_up: givenUp } = await list(project, "--state", "given_up");
    expect([givenUp, items]).toMatchObject([1, [{ channel: "hook", problem: { code: "REQUEST_REJECTED" } }]]);
    const id = String(items[0]?.id);
    expect((await project.run("notifications", "show", id)).stdout).toContain("what to do: compare the address");
    expect((await project.run("doctor")).stdout).toMatch(/warn +notifications +1 message given up/);
    status = 200;
    const before = hook.received[0]?.headers["millrace-id"];
    expect(await project.run("notifications", "retry", id)).toMatchObject({ exitCode: 0 });
    const twice = await project.run("notifications", "retry", id);
    expect([twice.exitCode, twice.stderr]).toEqual([1, expect.stringContaining("to be given up, got: `waiting`")]);
    await project.run("run", "flaky");
    expect(hook.received.at(-1)?.headers["millrace-id"]).toBe(before);
  });

  test("a channel is listed without its secret, and tried", async () => {
    await using project = await createProject();
    const { stdout } = await project.run("notifications", "channels");
    expect(stdout).toMatch(/hook +webhook +env:HOOK/);
    expect(stdout).toMatch(/mail +email +ops@example\.com by 127\.0\.0\.1/);
    expect(await project.run("notifications", "test", "hook")).toMatchObject({ exitCode: 0 });
    expect(hook.received[0]?.body).toContain("a test of channel `hook`");
    status = 429;
    const refused = await project.run("notifications", "test", "hook");
    expect(refused.stderr).toContain("RATE_LIMITED");
    const unknown = await project.run("notifications", "test", "hok");
    expect(unknown.stderr).toContain("unknown channel `hok`, did you mean `hook`?");
    vi.stubEnv("HOOK", "");
    expect((await project.run("doctor")).stdout).toMatch(/fail +channel hook/);
  });
});

describe("what is refused when the project is loaded", () => {
  const url = "https://hooks.example.com";
  const rule = { on: ["failed"], to: ["hook"] };
  const channels = { hook: { webhook: { url } } };
  const cases: [what: string, config: object, message: string][] = [
    [
      "a rule with an unknown channel",
      { channels, notifications: [{ ...rule, to: ["hok"] }] },
      "unknown channel `hok`, did you mean `hook`?",
    ],
    [
      "a rule for a job that is not there",
      { channels, notifications: [{ ...rule, jobs: ["flakey"] }] },
      "got: `flakey`, did you mean `flaky`?",
    ],
    [
      "a rule without channels",
      { channels, notifications: [{ on: ["failed"] }] },
      "expected `to` of `notifications[0]` of the configuration to be a list of one or more names of channels",
    ],
    ["an unknown event", { channels, notifications: [{ ...rule, on: ["fail"] }] }, "did you mean `failed`?"],
    [
      "a channel of two kinds",
      { channels: { hook: { webhook: { url }, slack: { url } } } },
      "exactly one of `email`, `slack`",
    ],
    ["a channel without its address", { channels: { hook: { slack: {} } } }, "expected `url` of `channels.hook.slack`"],
    [
      "a port that is none",
      { channels: { m: { email: { host: "h", port: "x", from: "a@b", to: ["a@b"] } } } },
      "expected `port` of `channels.m.email`",
    ],
    [
      "a user without a password",
      { channels: { m: { email: { host: "h", user: "u", from: "a@b", to: ["a@b"] } } } },
      "both `user` and `password`",
    ],
    [
      "a recipient that is none",
      { channels: { m: { email: { host: "h", from: "a@b", to: ["ops"] } } } },
      "a mail address such as",
    ],
    ["a topic that is none", { channels: { t: { sns: { topicArn: "alerts" } } } }, "the ARN of a topic"],
    [
      "quiet hours that never end",
      { channels, notifications: [{ ...rule, quietHours: { from: "22:00", to: "22:00" } }] },
      "nobody would ever be told",
    ],
    [
      "an unknown time zone",
      { channels, notifications: [{ ...rule, quietHours: { from: "22:00", to: "07:00", timezone: "Berlin" } }] },
      "a time zone such as",
    ],
  ];
  test.each(cases)("%s", async (_, config, message) => {
    await using project = await createSmallProject({ ...jobs, "millrace.config.ts": toConfig(config) });
    const { exitCode, stderr } = await project.run("jobs");
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
    expect(stderr).toMatch(/CONFIG_INVALID: millrace\.config\.ts:\d+:\d+/);
  });

  test.each([
    [{ failed: ["hok"] }, /job `tells` in jobs\/tells\.ts:2:\d+ tells unknown channel `hok`, did you mean `hook`\?/],
    [{ failed: [{ slack: {} }] }, /expected `url` of `notifications\.failed\[0\]\.slack` of job `tells`/],
    [{ failed: [{}] }, /exactly one of `email`, `slack`/],
    [{ fail: ["hook"] }, /unknown option `fail` of `notifications` of job `tells`, did you mean `failed`\?/],
  ])("a job that says %j", async (notifications, message) => {
    const job = `import { defineJob } from "millrace";
      export default defineJob({ name: "tells", notifications: ${JSON.stringify(notifications)}, execute() {} });`;
    await using project = await createSmallProject({
      "jobs/tells.ts": job,
      "millrace.config.ts": toConfig({ channels }),
    });
    expect((await project.run("jobs")).stderr).toMatch(message);
  });
});

interface Listed {
  readonly items: readonly { readonly id: number }[];
  readonly given_up: number;
}

async function list(project: SmallProject, ...args: string[]): Promise<Listed> {
  const { stdout } = await project.run("notifications", "list", ...args, "--json");
  return JSON.parse(stdout) as Listed;
}

async function createProject(port = mail.port): Promise<SmallProject> {
  const channels = {
    hook: { webhook: { url: "env:HOOK" } },
    mail: { email: { host: "127.0.0.1", port, tls: "none", from: "mill@example.com", to: ["ops@example.com"] } },
  };
  const notifications = [
    { on: ["failed", "recovered"], to: ["hook"] },
    { on: ["failed"], to: ["mail"] },
  ];
  return await createSmallProject({ ...jobs, "millrace.config.ts": toConfig({ channels, notifications }) });
}

function toConfig(config: object): string {
  const options = { slots: 1, compute: { threads: 1, memoryLimit: "256MB" }, ...config };
  return `import { defineProject } from "millrace";\nexport default defineProject(${JSON.stringify(options, undefined, 2)});\n`;
}
