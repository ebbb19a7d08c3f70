// What people do on the screens, in a real browser against a real server.
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { act, seesState, UiSession } from "../support/web/ui-session.ts";

let session: UiSession;

beforeAll(async () => {
  session = await UiSession.start();
});

afterAll(async () => {
  await session[Symbol.asyncDispose]();
});

afterEach(() => {
  expect(session.errors.splice(0)).toEqual([]);
});

test("a run is started with params and watched to its end, without a reload", async () => {
  const page = await session.open("/jobs/counter");
  await page.getByRole("button", { name: "Start…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("total").fill("0");
  await dialog.getByRole("button", { name: "Start", exact: true }).click();
  await dialog
    .getByText(/at least 1|greater than or equal to 1|1 or more/i)
    .first()
    .waitFor();
  await dialog.getByLabel("total").fill("30");
  await dialog.getByRole("button", { name: "Start", exact: true }).click();
  await page.waitForURL(/\/runs\/r\d+/);
  await seesState(page, "Running");
  await page.getByRole("progressbar").first().waitFor();
  await page.getByText("counting").first().waitFor();
  await seesState(page, "Finished");
  await page.close();
});

test("the link that logs in works in a tab that shows the login screen already", async () => {
  const page = await session.openAs({ storageState: { cookies: [], origins: [] } }, "/runs");
  await page.getByRole("textbox", { name: "Token" }).waitFor();
  // Nothing is loaded anew: the address differs only behind `#`.
  await page.goto(new URL(new URL(await session.loginLink()).hash, page.url()).href);
  await page.getByRole("heading", { name: "Runs", level: 1 }).waitFor();
  expect(page.url()).not.toContain("token");
  await page.close();
});

test("a run is paused, resumed and stopped", async () => {
  const runId = await session.start("counter", { total: 2_000 });
  const page = await session.open(`/runs/${runId}`);
  await seesState(page, "Running");
  await act(page, "Pause");
  await seesState(page, "Paused");
  await page
    .getByRole("region", { name: "Why?" })
    .getByText(/paused/)
    .first()
    .waitFor();
  await act(page, "Resume");
  await seesState(page, "Running");
  await act(page, "Stop");
  await seesState(page, "Stopped");
  await page.close();
});

test("a handler that listens to nobody is stopped by force, after its name was typed", async () => {
  const runId = await session.start("stubborn");
  await session.reached(runId, "RUNNING");
  const page = await session.open(`/runs/${runId}`);
  await seesState(page, "Running");
  await act(page, "Force stop");
  await seesState(page, "orce");
  await page.close();
});

test("an emergency stop ends all that executes, says so everywhere, and the orchestrator is started again", async () => {
  const runId = await session.start("counter", { total: 1_999 });
  await session.reached(runId, "RUNNING");
  const watching = await session.open(`/runs/${runId}`);
  await seesState(watching, "Running");
  const page = await session.open("/orchestrator");
  await act(page, "Emergency stop");
  await page.getByRole("link", { name: /Orchestrator stopped/ }).waitFor();
  await watching.getByRole("link", { name: /Orchestrator stopped/ }).waitFor();
  await seesState(watching, "orce");
  const waiting = await session.start("reader");
  const why = await session.open(`/runs/${waiting}`);
  await why
    .getByRole("region", { name: "Why?" })
    .getByText(/stopped the orchestrator/)
    .first()
    .waitFor();
  await act(page, "Start");
  await page.getByRole("link", { name: /1 worker/ }).waitFor();
  await seesState(why, "Finished");
  await Promise.all([page.close(), watching.close(), why.close()]);
});

test("why a run waits is told, with the run that holds it up", async () => {
  const first = await session.start("exclusive", { n: 1 });
  await session.reached(first, "RUNNING");
  const second = await session.start("exclusive", { n: 2 });
  const page = await session.open(`/runs/${second}`);
  const why = page.getByRole("region", { name: "Why?" });
  await why
    .getByText(/exclusive/)
    .first()
    .waitFor();
  await why
    .getByRole("link", { name: new RegExp(first) })
    .first()
    .click();
  await page.waitForURL(new RegExp(`/runs/${first}`));
  await act(page, "Stop");
  await session.reached(second, "RUNNING");
  const other = await session.open(`/runs/${second}`);
  await act(other, "Stop");
  await seesState(other, "Stopped");
  await Promise.all([page.close(), other.close()]);
});

test("failures of one kind are one cluster, and exactly these are tried again", async () => {
  const runs = await Promise.all([71, 72, 73].map((order) => session.start("flaky", { order })));
  const page = await session.open("/failures");
  const cluster = page.getByRole("article").filter({ hasText: "flaky" });
  await cluster.getByText(/\b3\b/).first().waitFor();
  await session.ui.project.write("fixed", "");
  await cluster.getByRole("button", { name: /retry/i }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText(/\b3\b/).first().waitFor();
  await dialog.getByRole("button", { name: /retry/i }).click();
  for (const run of runs) await session.reached(run, "FINISHED");
  await page.getByText("Nothing is failed").waitFor();
  await session.ui.project.remove("fixed");
  await page.close();
});

test("a watermark is rewound after a look at what is read again, and the rewind is taken back", async () => {
  const before = await readWatermark();
  for (let round = 0; round < 2; round += 1) await session.reached(await session.start("reader"), "FINISHED");
  const page = await session.open("/jobs/reader/state");
  const card = page.getByRole("article", { name: "Watermark default" });
  await card
    .getByText(String(before + 20), { exact: true })
    .first()
    .waitFor();
  await card.getByRole("button", { name: "Set or rewind" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(/value/i).fill(String(before + 10));
  await dialog.getByLabel(/reason/i).fill("read it again");
  await dialog.getByRole("button", { name: /preview/i }).click();
  await dialog.getByRole("link", { name: /^r\d+/ }).first().waitFor();
  expect(await readWatermark()).toBe(before + 20);
  await dialog.getByRole("button", { name: /rewind|apply|change/i }).click();
  await dialog.waitFor({ state: "hidden" });
  expect(await readWatermark()).toBe(before + 10);
  await card.getByRole("button", { name: "Undo" }).click();
  await dialog.getByRole("button", { name: "Undo" }).click();
  await dialog.waitFor({ state: "hidden" });
  await card
    .getByText(String(before + 20), { exact: true })
    .first()
    .waitFor();
  expect(await readWatermark()).toBe(before + 20);
  await page.close();
});

test("two runs are compared", async () => {
  const runs = [await session.start("counter", { total: 3 }), await session.start("counter", { total: 4 })];
  for (const run of runs) await session.reached(run, "FINISHED");
  const page = await session.open(`/compare/${runs[0]}/${runs[1]}`);
  const main = page.getByRole("main");
  await main.getByText("total").first().waitFor();
  await main.getByRole("cell", { name: "3", exact: true }).first().waitFor();
  await main.getByRole("cell", { name: "4", exact: true }).first().waitFor();
  await page.close();
});

test("a line of the log is found, and the search survives going back", async () => {
  const runId = await session.start("flaky", { order: 4711 });
  const page = await session.open(`/runs/${runId}?tab=logs`);
  await page.getByText("looking at the order").waitFor();
  await page.getByRole("searchbox", { name: "Search the log" }).fill("needle");
  await page.getByText("the needle in this haystack is 4711").or(page.locator("mark")).first().waitFor();
  await page.getByText("looking at the order").waitFor({ state: "detached" });
  await page.getByRole("link", { name: "Runs", exact: true }).first().click();
  await page.getByRole("heading", { name: "Runs", level: 1 }).waitFor();
  await page.goBack();
  await page.waitForURL(/q=needle/);
  await page.close();
});

test("all of it by keyboard: find a job in the palette, start it, find the run in the list, open and stop it", async () => {
  const page = await session.open("/");
  await page.getByRole("heading", { name: "Home", level: 1 }).waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: /a job, a run/i }).waitFor();
  await page.keyboard.type("counter");
  // Enter takes what is selected, which may be a result of the first letters while the others are looked for.
  await page.getByRole("option", { name: /^counter/, selected: true }).waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/jobs\/counter/);
  await page.getByRole("button", { name: "Start…" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByLabel("total").fill("1998");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/runs\/r\d+/);
  await seesState(page, "Running");
  const runId = /r\d+/.exec(page.url())?.[0] ?? "";
  await page.keyboard.press("g");
  await page.keyboard.press("r");
  await page.getByRole("heading", { name: "Runs", level: 1 }).waitFor();
  await page.getByRole("row").filter({ hasText: runId }).first().waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type(runId);
  await page.keyboard.press("Enter");
  await page.waitForURL(new RegExp(`q=${runId}`));
  await page.getByRole("row").filter({ hasText: runId }).first().waitFor();
  // Only the row of titles stays among the rows without it.
  await page.getByRole("row").filter({ hasNotText: runId }).nth(1).waitFor({ state: "detached" });
  await page.keyboard.press("j");
  await page.locator("[role=row]:focus").waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(new RegExp(`/runs/${runId}`));
  await page.getByRole("button", { name: "Stop", exact: true }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Enter");
  await seesState(page, "Stopped");
  await page.close();
});

test("on a phone a failed run is tried again in at most four taps", async () => {
  const runId = await session.start("flaky", { order: 5 });
  const page = await session.openAs(
    { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true },
    "/failures",
  );
  await page.getByRole("article").filter({ hasText: "flaky" }).waitFor();
  await session.ui.project.write("fixed", "");
  let taps = 0;
  const tap = async (name: RegExp): Promise<void> => {
    taps += 1;
    await page.getByRole("dialog").or(page.getByRole("main")).last().getByRole("button", { name }).first().tap();
  };
  await tap(/retry/i);
  await page.getByRole("dialog").waitFor();
  await tap(/retry/i);
  await session.reached(runId, "FINISHED");
  expect(taps).toBeLessThanOrEqual(4);
  const width = await page.evaluate("document.documentElement.scrollWidth");
  expect(width).toBeLessThanOrEqual(320);
  await session.ui.project.remove("fixed");
  await page.close();
});

async function readWatermark(): Promise<number> {
  const { items } = await session.read<{ items: readonly { value: number }[] }>("/jobs/reader/watermarks");
  return items[0]?.value ?? 0;
}
