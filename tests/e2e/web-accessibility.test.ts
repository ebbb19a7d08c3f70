// Every screen, in light and dark, with much to show, nothing to show and a store that does not answer: axe-core finds nothing, the
// page throws nothing, the policy of what it may load holds, and at 320 px nothing is cut off.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { colourRules, findAccessibilityViolations } from "../support/web/axe.ts";
import { launchBrowser, type LaunchedBrowser } from "../support/web/browser.ts";
import { startWebFixtureServer, type WebFixtureServer } from "../support/web/web-fixture-server.ts";
import { webScreens } from "../support/web/web-screens.ts";

const moods = ["normal", "empty", "error"] as const;

/** With nothing to show, the tabs of a screen differ in nothing. */
const eachScreenOnce = webScreens.filter(({ path }) => !path.includes("?"));

let launched: LaunchedBrowser;
let server: WebFixtureServer;

beforeAll(async () => {
  launched = await launchBrowser();
  server = await startWebFixtureServer();
});

afterAll(async () => {
  await launched[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

// The theme follows the system, so that the page of the one is looked at again as the other.
// Its window becomes narrow last, so that each page is loaded once.
test.each(moods)(
  "with the answers `%s` no screen has a violation, in light or in dark, nor is one cut off",
  async (mood) => {
    server.mood = mood;
    const { found, errors } = await visitAll(launched.browser, async (page, name) => {
      await page.setViewportSize(wide);
      const inLight = await lookAs(page, "light");
      const inDark = await lookAs(page, "dark", colourRules);
      await page.setViewportSize(narrow);
      return [
        ...inLight.map((violation) => `${name}: ${violation}`),
        ...inDark.map((violation) => `${name}: in dark: ${violation}`),
        ...(await findCutOff(page)).map((problem) => `${name}: ${problem}`),
      ];
    });
    expect(found).toEqual([]);
    expect(errors).toEqual([]);
  },
);

test("without a session the login screen stands where the screen would, and has no violation", async () => {
  server.mood = "anonymous";
  const page = await launched.browser.newPage();
  await page.goto(`${server.url}/runs?state=ERROR`, { waitUntil: "networkidle" });
  await page.getByRole("textbox", { name: "Token" }).waitFor();
  expect(await findAccessibilityViolations(page)).toEqual([]);
  expect(page.url()).toBe(`${server.url}/runs?state=ERROR`);
  server.mood = "normal";
  await page.getByRole("textbox", { name: "Token" }).fill("secret");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Runs", level: 1 }).waitFor();
  await page.close();
});

const wide = { width: 1_280, height: 900 };
const narrow = { width: 320, height: 900 };

/** Some screens only show that nothing answers after the page asked again, so several pages are open at once. */
const pagesAtOnce = 3;

async function visitAll(
  browser: Browser,
  look: (page: Page, name: string) => Promise<readonly string[]>,
): Promise<{ readonly found: readonly string[]; readonly errors: readonly string[] }> {
  const context = await browser.newContext({ viewport: wide, reducedMotion: "reduce" });
  const screens = [...(server.mood === "normal" ? webScreens : eachScreenOnce)];
  const found: string[] = [];
  const errors: string[] = [];
  const visitRest = async (): Promise<void> => {
    const page = await context.newPage();
    collectErrors(page, errors);
    for (let screen = screens.shift(); screen !== undefined; screen = screens.shift()) {
      await page.goto(server.url + screen.path);
      await waitForScreen(page);
      found.push(...(await look(page, screen.name)));
    }
  };
  await Promise.all(Array.from({ length: pagesAtOnce }, visitRest));
  await context.close();
  return { found, errors };
}

function collectErrors(page: Page, errors: string[]): void {
  page.on("pageerror", (error) => errors.push(`${page.url()}: ${error.message}`));
  page.on("console", (message) => {
    // What the server refuses is said on the screen; the browser says it, too.
    const isRefusal = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !isRefusal) errors.push(`${page.url()}: ${message.text()}`);
  });
}

// Colours change within a few frames, not all in the same one: what is wrong is looked at again when all have.
async function lookAs(
  page: Page,
  colorScheme: "light" | "dark",
  rules?: readonly string[],
): Promise<readonly string[]> {
  await page.emulateMedia({ colorScheme });
  await nextFrames(page);
  const found = await findAccessibilityViolations(page, rules);
  if (found.length === 0) return found;
  await page.waitForTimeout(500);
  return await findAccessibilityViolations(page, rules);
}

// Some parts measure themselves a moment after the window has changed.
async function findCutOff(page: Page): Promise<readonly string[]> {
  await nextFrames(page);
  const widthOf = async (): Promise<unknown> => await page.evaluate("document.documentElement.scrollWidth");
  if ((await widthOf()) === narrow.width) return [];
  await page.waitForTimeout(500);
  const width = await widthOf();
  return width === narrow.width ? [] : [`${String(width)} px wide in a window of ${narrow.width} px`];
}

async function nextFrames(page: Page): Promise<void> {
  await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
}

/** Until the heading is there and nothing says any more that it loads. */
async function waitForScreen(page: Page): Promise<void> {
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.locator(".skeleton").first().waitFor({ state: "detached" });
}
