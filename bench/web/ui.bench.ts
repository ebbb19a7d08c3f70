// Measures the screens in a real browser on loopback: when the home screen is painted, and how long the page is busy at
// most while events stream in.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { currentProcess } from "../../src/platforms/local/local-process.ts";
import { createSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { launchBrowser } from "../../tests/support/web/browser.ts";
import { UiProject } from "../../tests/support/web/ui-project.ts";
import type { Bench } from "../harness/bench.ts";
import { repositoryRoot } from "../harness/bench-folder.ts";

const noop = `import { defineJob } from "millrace";
export default [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => defineJob({ name: "noop_" + n, execute: () => null }));
`;

/** A page that is as good as nothing. */
const barePage = "data:text/html,<!doctype html><title>bare</title><h1>bare</h1>";
const repetitions = 7;
/** Each makes three events. */
const runsPerSecond = 70;
const streamMs = 10_000;
/** What a browser calls a long task begins here; shorter ones are told as this. */
const shortTaskMs = 50;

export const bench: Bench = {
  name: "ui",
  description:
    "the home screen painted, and the longest task of a page while 210 events a second stream in, in Chromium",
  hasServer: true,
  async run() {
    await buildAll();
    await using ui = await UiProject.start({ "jobs/noop.ts": noop });
    await using store = await createSqliteStore({
      path: join(ui.project.path, ".millrace/store.db"),
      bootId: currentProcess().bootId,
    });
    await using launched = await launchBrowser();
    const context = await launched.browser.newContext({ viewport: { width: 1280, height: 860 } });
    const first = await context.newPage();
    await first.goto(ui.loginUrl);
    await first.getByRole("heading", { name: "Home", level: 1 }).waitFor();
    await first.close();
    const open = async (url: string): Promise<Page> => {
      const page = await context.newPage();
      await page.goto(url);
      return page;
    };
    const paints: { ours: number[]; bare: number[] } = { ours: [], bare: [] };
    for (let turn = 0; turn < repetitions; turn += 1) {
      paints.ours.push(await measurePaint(await open(ui.origin)));
      paints.bare.push(await measurePaint(await open(barePage)));
    }
    const longest = async (path: string, isStreaming: boolean): Promise<number> => {
      const page = await open(`${ui.origin}${path}`);
      await page.getByText("noop_0").or(page.getByText("counter")).first().waitFor();
      return await measureLongestTask(page, isStreaming ? store : undefined);
    };
    const target = { kind: "value", atMost: 100 } as const;
    const quiet = [await longest("/", false)];
    return [
      {
        name: "largest contentful paint of the home screen",
        unit: "ms",
        ours: paints.ours,
        peer: { name: "a page with one heading", values: paints.bare },
        target: { kind: "value", atMost: 1_000 },
      },
      {
        name: "longest task of the home screen (50 ms: none that a browser calls long)",
        unit: "ms",
        ours: [await longest("/", true)],
        peer: { name: "the same while nothing happens", values: quiet },
        target,
      },
      {
        name: "longest task of the list of runs",
        unit: "ms",
        ours: [await longest("/runs", true)],
        peer: { name: "the home screen while nothing happens", values: quiet },
        target,
      },
    ];
  },
};

// The server serves `dist/`, which may be of an earlier source.
async function buildAll(): Promise<void> {
  await promisify(execFile)(process.execPath, [join(repositoryRoot, "scripts/build.ts")], { cwd: repositoryRoot });
}

async function measurePaint(page: Page): Promise<number> {
  // Text of what is evaluated in the page, which has other globals than this process.
  const paintedAtMs: unknown = await page.evaluate(`new Promise((resolve) => {
    let latest = 0;
    new PerformanceObserver((list) => { latest = list.getEntries().at(-1).startTime; }).observe({ type: "largest-contentful-paint", buffered: true });
    setTimeout(() => resolve(latest), 1500);
  })`);
  await page.close();
  return Number(paintedAtMs);
}

async function measureLongestTask(page: Page, store: Store | undefined): Promise<number> {
  await page.evaluate(`window.longest = ${shortTaskMs};
    new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration); }).observe({ type: "longtask" });`);
  const untilMs = performance.now() + streamMs;
  while (performance.now() < untilMs) {
    if (store !== undefined) await submitRuns(store, runsPerSecond / 10);
    await page.waitForTimeout(100);
  }
  const longest: unknown = await page.evaluate("window.longest");
  await page.close();
  return Number(longest);
}

async function submitRuns(store: Store, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await store.submit({
      runs: [{ job: `noop_${index % 10}`, kind: "job", params: {}, tenant: "default", createdBy: "bench" }],
      edges: [],
    });
  }
}
