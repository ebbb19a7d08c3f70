// Home, runs and the orchestrator behave in a real browser, against answers that never change.
import type { Page, WebSocketRoute } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launchBrowser, type LaunchedBrowser } from "../support/web/browser.ts";
import { normalAnswers, type FixtureCall } from "../support/web/web-fixture-answers.ts";
import { startWebFixtureServer, type WebFixtureServer } from "../support/web/web-fixture-server.ts";

let launched: LaunchedBrowser;
let server: WebFixtureServer;
let page: Page;
const bulkCalls: FixtureCall[] = [];

beforeAll(async () => {
  launched = await launchBrowser();
  server = await startWebFixtureServer({
    answers: {
      selectRuns: (call) => {
        bulkCalls.push(call);
        return normalAnswers.selectRuns(call);
      },
      applyBulk: (call) => {
        bulkCalls.push(call);
        return normalAnswers.applyBulk(call);
      },
    },
  });
});

afterAll(async () => {
  await launched[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

beforeEach(async () => {
  bulkCalls.length = 0;
  page = await launched.browser.newPage({ viewport: { width: 1_280, height: 900 } });
});

afterEach(async () => {
  await page.close();
});

test("filters are in the address, and Back takes them away one by one", async () => {
  await page.goto(`${server.url}/runs`);
  await page.getByRole("button", { name: "Error", exact: true }).click();
  await page.waitForURL("**/runs?state=ERROR");
  await page.getByRole("searchbox", { name: "Exact job" }).fill("github_job");
  await page.waitForURL("**/runs?state=ERROR&job=github_job");
  await page.goBack();
  await page.waitForURL("**/runs?state=ERROR");
  await expectValue(page, "Exact job", "");
  await page.goBack();
  await page.waitForURL("**/runs");
  expect(await page.getByRole("button", { name: "Error", exact: true }).getAttribute("aria-pressed")).toBe("false");
});

test("by keyboard: rows are moved through, selected and opened", async () => {
  await page.goto(`${server.url}/runs`);
  await page.getByRole("row", { name: /r4210/ }).waitFor();
  for (const key of ["j", "j", "x", "j", "x"]) await pressOnRow(page, key);
  await page.getByText("2 selected").waitFor();
  await page.keyboard.press("k");
  await page.locator('[data-index="1"]:focus').waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL("**/runs/r4209");
});

test("a changed filter changes nothing of what is selected, and what is sent is what was selected", async () => {
  await page.goto(`${server.url}/runs`);
  await page.getByRole("checkbox", { name: "Select r4203 of warehouse_sync" }).check();
  await page.getByRole("checkbox", { name: "Select r4210 of shop_nightly" }).check();
  await page.getByRole("button", { name: "Error", exact: true }).click();
  await page.getByText("2 selected, 1 of them not in this list").waitFor();
  await page.getByRole("region", { name: "Selected runs" }).getByRole("button", { name: "Retry" }).click();
  await page.getByText("Exactly").waitFor();
  await page.getByLabel("Reason").fill("quota is back");
  await page.getByRole("button", { name: "Retry 214 runs" }).click();
  await page.getByText("212 runs changed, 2 left as they are").waitFor();
  expect(bulkCalls.map(({ body }) => body)).toEqual([
    { action: "retry", run_ids: ["r4203", "r4210"] },
    { selection_id: "s1", count: 214, reason: "quota is back" },
  ]);
});

test("acting on all that match sends the filter, not what happens to be loaded", async () => {
  await page.goto(`${server.url}/runs?state=ERROR&job=github_job`);
  await page.getByRole("button", { name: "Act on all that match" }).click();
  await page.getByRole("menuitem", { name: "Stop…" }).click();
  await page.getByText("Exactly").waitFor();
  expect(bulkCalls.map(({ body }) => body)).toEqual([
    { action: "stop", filter: { state: "ERROR", job: "github_job" } },
  ]);
});

test("a long list has only the rows in sight, and goes on by itself", async () => {
  await page.goto(`${server.url}/runs`);
  const table = page.getByRole("table", { name: "Runs" });
  await table.getByRole("row", { name: /r4210/ }).waitFor();
  await page.getByRole("row", { name: /r4210/ }).focus();
  await page.keyboard.press("End");
  await table.getByRole("row", { name: /r4100/ }).waitFor();
  expect(await table.getByRole("row").count()).toBeLessThan(70);
});

test("what must be typed is typed before an emergency stop can be pressed", async () => {
  await page.goto(`${server.url}/orchestrator`);
  await page.getByRole("button", { name: "Emergency stop" }).click();
  const dialog = page.getByRole("dialog");
  const go = dialog.getByRole("button", { name: "Emergency stop" });
  expect(await go.isDisabled()).toBe(true);
  // Typing begins in the right field.
  await page.keyboard.type("emergency stop");
  await go.click();
  await page.getByText("the orchestrator stopped and ended 3 runs").waitFor();
  expect(server.calls).toContain("emergencyStop");
});

test("the palette finds a job and goes there, and Escape closes it", async () => {
  await page.goto(server.url);
  await page.getByRole("heading", { name: "Home" }).waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: /A job, a run/ }).waitFor();
  await page.keyboard.type("github");
  await page.getByRole("option", { name: /github_job Pull requests/ }).waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL("**/jobs/github_job");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
});

test("Enter in the palette waits for what the whole text finds", async () => {
  const answered = Promise.withResolvers<undefined>();
  await page.route(/\/api\/v1\/search\?q=github/, async (route) => {
    await answered.promise;
    await route.continue();
  });
  await page.goto(server.url);
  await page.getByRole("heading", { name: "Home" }).waitFor();
  await page.keyboard.press("Control+k");
  const text = page.getByRole("combobox", { name: /A job, a run/ });
  await text.fill("shop");
  await page
    .getByRole("option", { name: /of shop_nightly/ })
    .first()
    .waitFor();
  await text.fill("github");
  await page.keyboard.press("Enter");
  await page.getByRole("status").filter({ hasText: "Looking…" }).waitFor();
  answered.resolve(undefined);
  await page.waitForURL("**/jobs/github_job");
});

test("a lost connection is said, and so is nothing once it is back", async () => {
  let isReachable = true;
  const sockets: WebSocketRoute[] = [];
  await page.routeWebSocket(/\/api\/v1\/events/, (socket) => {
    if (isReachable) socket.connectToServer();
    else void socket.close();
    sockets.push(socket);
  });
  await page.goto(server.url);
  await page.getByRole("row", { name: /shop_nightly/ }).waitFor();
  await expect.poll(() => sockets.length).toBe(1);
  isReachable = false;
  await sockets[0]?.close();
  await page.getByText("Reconnecting…").waitFor();
  isReachable = true;
  await page.getByText("Reconnecting…").waitFor({ state: "detached" });
});

test("a choice of theme holds after a reload", async () => {
  await page.goto(server.url);
  await page.getByRole("button", { name: "Theme" }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  await page.reload();
  await page.getByRole("heading", { name: "Home" }).waitFor();
  expect(await page.locator("html").getAttribute("data-scheme")).toBe("dark");
});

async function pressOnRow(at: Page, key: string): Promise<void> {
  const before = await at.evaluate("document.activeElement?.dataset.index ?? ''");
  await at.keyboard.press(key);
  if (key === "x") return;
  // The row may have to be rendered before it gets the focus.
  await expect.poll(() => at.evaluate("document.activeElement?.dataset.index ?? ''")).not.toBe(before);
}

async function expectValue(at: Page, name: string, value: string): Promise<void> {
  await expect.poll(() => at.getByRole("searchbox", { name }).inputValue()).toBe(value);
}
