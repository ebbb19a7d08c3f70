// Takes pictures of screens of a server, light, dark, and some of them as on a phone.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { BrowserContext } from "playwright-core";
import { launchBrowser } from "../../tests/support/web/browser.ts";

export interface Screen {
  readonly name: string;
  readonly path: string;
  /** Text that is there when the screen is complete. */
  readonly shows: string;
  /** Key pressed at last. */
  readonly press?: string;
  /** Taken as on a phone, too. */
  readonly isOnPhone?: boolean;
}

export const screensFolder: string = join(import.meta.dirname, "../../docs/screens");

const themes = ["light", "dark"] as const;
const settleMs = 1_200;

/** @param loginUrl logs one browser in, once */
export async function takeScreens(loginUrl: string, screens: readonly Screen[]): Promise<void> {
  await mkdir(screensFolder, { recursive: true });
  await using launched = await launchBrowser();
  const first = await launched.browser.newContext();
  const page = await first.newPage();
  await page.goto(loginUrl);
  await page.getByRole("heading", { name: "Home", level: 1 }).waitFor();
  const storageState = await first.storageState();
  const contexts = await Promise.all(
    themes.map(async (colorScheme) => ({
      theme: colorScheme,
      context: await launched.browser.newContext({ storageState, colorScheme, viewport: { width: 1280, height: 860 } }),
    })),
  );
  // Runs that execute or wait do not do so for ever, so each screen is taken in all themes at once.
  for (const screen of screens)
    for (const { theme, context } of contexts)
      await take(context, { loginUrl, screen, name: `${screen.name}-${theme}` });
  const viewport = { width: 320, height: 640 };
  const phone = await launched.browser.newContext({ storageState, viewport, isMobile: true });
  for (const screen of screens.filter(({ isOnPhone }) => isOnPhone === true))
    await take(phone, { loginUrl, screen, name: `${screen.name}-phone` });
}

interface Taking {
  readonly loginUrl: string;
  readonly screen: Screen;
  readonly name: string;
}

async function take(context: BrowserContext, { loginUrl, screen, name }: Taking): Promise<void> {
  const page = await context.newPage();
  await page.goto(new URL(screen.path, loginUrl).href);
  await page.getByText(screen.shows).filter({ visible: true }).first().waitFor();
  if (screen.press !== undefined) await page.keyboard.press(screen.press);
  await page.waitForTimeout(settleMs);
  await page.screenshot({ path: join(screensFolder, `${name}.png`) });
  await page.close();
  console.log(`docs/screens/${name}.png`);
}
