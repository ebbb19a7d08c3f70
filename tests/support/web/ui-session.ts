// A browser that is logged in to a project's server, and what a person does in it.
import type { BrowserContext, BrowserContextOptions, Locator, Page } from "playwright-core";
import { type LaunchedBrowser, launchBrowser } from "./browser.ts";
import { UiProject } from "./ui-project.ts";

/** One server, one browser; each test opens pages of its own. */
export class UiSession implements AsyncDisposable {
  readonly ui: UiProject;
  readonly #launched: LaunchedBrowser;
  readonly #context: BrowserContext;
  /** What went wrong in any page; a test ends with none. */
  readonly errors: string[] = [];

  private constructor(ui: UiProject, launched: LaunchedBrowser, context: BrowserContext) {
    this.ui = ui;
    this.#launched = launched;
    this.#context = context;
  }

  /** @param more files on top of those of `uiProjectFiles` */
  static async start(more: Readonly<Record<string, string>> = {}): Promise<UiSession> {
    const ui = await UiProject.start(more);
    const launched = await launchBrowser();
    const context = await launched.browser.newContext({ viewport: { width: 1280, height: 900 } });
    const session = new UiSession(ui, launched, context);
    const page = await session.open(ui.loginUrl);
    await page.getByRole("heading", { name: "Home", level: 1 }).waitFor();
    await page.close();
    return session;
  }

  /** A page of the UI. @param path or the whole address that logs in */
  async open(path: string): Promise<Page> {
    return await this.#openIn(this.#context, path);
  }

  /** A page in a window of another kind, logged in as well unless the options say otherwise. */
  async openAs(options: BrowserContextOptions, path: string): Promise<Page> {
    const context = await this.#launched.browser.newContext({
      storageState: await this.#context.storageState(),
      ...options,
    });
    return await this.#openIn(context, path);
  }

  /** What the server answers to this browser. */
  async read<Answer>(path: string): Promise<Answer> {
    const response = await this.#context.request.get(`${this.ui.origin}/api/v1${path}`);
    if (!response.ok()) throw new Error(`${path}: ${response.status()} ${await response.text()}`);
    return (await response.json()) as Answer;
  }

  /** Starts a run. @returns its id */
  async start(job: string, params: Readonly<Record<string, unknown>> = {}): Promise<string> {
    return (await this.#post<{ run_id: string }>(`/jobs/${job}/start`, { params })).run_id;
  }

  /** Makes a token. @returns an address of the UI that logs in with it */
  async loginLink(): Promise<string> {
    const { secret } = await this.#post<{ secret: string }>("/tokens", { name: "link", role: "viewer" });
    return `${this.ui.origin}/#token=${secret}`;
  }

  /** Resolves when the run is in that state. */
  async reached(runId: string, state: string): Promise<void> {
    for (;;) {
      const run = await this.read<{ state: string; reason: string | null }>(`/runs/${runId}`);
      if (run.state === state) return;
      if (run.state === "ERROR" || run.state === "FINISHED")
        throw new Error(`${runId} is ${run.state} (${run.reason}), not ${state}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#launched[Symbol.asyncDispose]();
    await this.ui[Symbol.asyncDispose]();
  }

  async #post<Answer>(path: string, data: object): Promise<Answer> {
    const headers = { origin: this.ui.origin };
    const response = await this.#context.request.post(`${this.ui.origin}/api/v1${path}`, { data, headers });
    if (!response.ok()) throw new Error(`${path}: ${response.status()} ${await response.text()}`);
    return (await response.json()) as Answer;
  }

  async #openIn(context: BrowserContext, path: string): Promise<Page> {
    // Long enough for a loaded machine; a test says sooner what is missing.
    context.setDefaultTimeout(10_000);
    const page = await context.newPage();
    page.on("pageerror", (error) => this.errors.push(`${page.url()}: ${error.message}`));
    page.on("console", (message) => {
      // A refused call is part of some journeys, and shown to the person.
      const isExpected = message.text().startsWith("Failed to load resource");
      if (message.type() === "error" && !isExpected) this.errors.push(`${page.url()}: ${message.text()}`);
    });
    await page.goto(path.startsWith("http") ? path : `${this.ui.origin}${path}`);
    return page;
  }
}

/** The state that the head of a run's page shows, as text. */
export function stateOf(page: Page): Locator {
  return page.getByRole("main").locator("header").getByRole("status");
}

/** Resolves when the head of the page shows a state. */
export async function seesState(page: Page, state: string): Promise<void> {
  await stateOf(page).filter({ hasText: state }).waitFor();
}

/** Chooses an action of the page's head, behind the dots if it must be, and confirms it, typing what is asked for. */
export async function act(page: Page, action: string): Promise<void> {
  const head = page.getByRole("main").locator("header").first();
  const button = head.getByRole("button", { name: action, exact: true });
  const more = head.getByRole("button", { name: /^(?:More actions|Actions) of / });
  const item = page.getByRole("menuitem", { name: action, exact: true });
  // What is allowed is read anew after the state has changed.
  for (;;) {
    await button.or(more).first().waitFor();
    if (await button.isVisible()) break;
    await more.click();
    if (await item.isVisible()) break;
    await page.keyboard.press("Escape");
  }
  await button.or(item).first().click();
  const dialog = page.getByRole("dialog");
  const answer = page.getByText(/^(?:started|retried|resumed|forced|the orchestrator) /).first();
  await dialog.or(answer).first().waitFor();
  if (!(await dialog.isVisible())) return;
  const typed = dialog.getByLabel(/^Type /);
  if (await typed.isVisible()) await typed.fill(await dialog.locator("label code").innerText());
  await dialog.getByRole("button", { name: action, exact: true }).click();
  await dialog.waitFor({ state: "hidden" });
}
