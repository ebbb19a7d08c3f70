// `millrace dev`: one process that serves, executes, and takes changed files while it goes on.
import { expect, test } from "vitest";
import { UiProject } from "../support/web/ui-project.ts";

test("it serves the UI, logs in once by its address, executes runs, and runs the new code after a file changed", async () => {
  await using ui = await UiProject.start({
    "jobs/greeter.ts": greeter("hello"),
  });
  const page = await fetch(ui.origin);
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<div id="root">')]);
  const cookie = await logIn(ui);
  expect(await logIn(ui)).toBeUndefined();
  const call = async (method: string, path: string): Promise<Record<string, unknown>> => {
    const response = await fetch(`${ui.origin}/api/v1${path}`, {
      method,
      headers: { cookie: cookie ?? "", origin: ui.origin, "content-type": "application/json" },
      ...(method === "POST" ? { body: "{}" } : {}),
    });
    expect(response.status).toBeLessThan(300);
    return (await response.json()) as Record<string, unknown>;
  };
  const runToEnd = async (): Promise<unknown> => {
    const { run_id: run } = await call("POST", "/jobs/greeter/start");
    for (;;) {
      const { state, result } = await call("GET", `/runs/${String(run)}`);
      if (state === "FINISHED") return result;
      expect(state).not.toBe("ERROR");
    }
  };
  expect(await runToEnd()).toEqual({ says: "hello" });
  await ui.project.write("jobs/greeter.ts", greeter("good evening"));
  await ui.waitForNote("reloaded jobs/greeter.ts");
  expect(await runToEnd()).toEqual({ says: "good evening" });
  await ui.project.write("jobs/greeter.ts", "export default 1 +;");
  await ui.waitForNote("the jobs stay as they were");
  expect(await runToEnd()).toEqual({ says: "good evening" });
});

async function logIn(ui: UiProject): Promise<string | undefined> {
  const token = decodeURIComponent(new URL(ui.loginUrl).hash.slice("#token=".length));
  const response = await fetch(`${ui.origin}/api/v1/session`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: ui.origin },
    body: JSON.stringify({ token }),
  });
  return response.ok ? response.headers.getSetCookie()[0]?.split(";", 1)[0] : undefined;
}

function greeter(says: string): string {
  return `import { defineJob } from "millrace";
export default defineJob({ name: "greeter", execute: () => ({ says: ${JSON.stringify(says)} }) });
`;
}
