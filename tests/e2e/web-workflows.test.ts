// The screen of workflows in a real browser: what people say of statuses, and who may.
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Problem } from "../../src/api/problem.ts";
import { launchBrowser, type LaunchedBrowser } from "../support/web/browser.ts";
import { type FixtureCall, normalAnswers } from "../support/web/web-fixture-answers.ts";
import { startWebFixtureServer, type WebFixtureServer } from "../support/web/web-fixture-server.ts";

let launched: LaunchedBrowser;
let server: WebFixtureServer;
const calls: FixtureCall[] = [];

beforeAll(async () => {
  launched = await launchBrowser();
  server = await startWebFixtureServer({
    answers: {
      putWorkflow: (call) => {
        calls.push(call);
        return normalAnswers.putWorkflow(call);
      },
    },
  });
});

afterAll(async () => {
  await launched[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

test("what is said of statuses is sent with the version that was looked at, and only what has changed", async () => {
  const page = await openWorkflow();
  await page.getByLabel("What In progress counts as").selectOption("done");
  await page.getByLabel("Whether work waits in Parked").selectOption("waiting");
  await page.getByLabel("Whether work waits in Parked").selectOption("");
  await page.getByLabel("Why (kept with the version)").fill("nobody works there");
  await page.getByRole("button", { name: "Save 1 change" }).click();
  await page.getByText("version 3 counts as soon as run r4210 has ended").waitFor();
  expect(calls.map(({ params, body }) => [params["project_key"], body])).toEqual([
    [
      "SHOP",
      {
        version: 2,
        statuses: [{ status_id: "3", category: "done", is_waiting: null }],
        reason: "nobody works there",
      },
    ],
  ]);
  expect(await page.getByRole("button", { name: /^Save/ }).count()).toBe(0);
  await page.close();
});

test("who was slower is told, and keeps what was to be said", async () => {
  const page = await openWorkflow();
  await page.route("**/api/v1/workflows/SHOP", async (route) => {
    if (route.request().method() === "GET") await route.continue();
    else await route.fulfill({ status: 409, contentType: "application/problem+json", body: JSON.stringify(conflict) });
  });
  await page.getByLabel("Whether work waits in Ready for review").selectOption("active");
  await page.getByRole("button", { name: "Save 1 change" }).click();
  await page.getByText("VERSION_CONFLICT").waitFor();
  expect(await page.getByLabel("Whether work waits in Ready for review").inputValue()).toBe("active");
  await page.close();
});

const conflict: Problem = {
  type: "https://millrace.dev/errors#VERSION_CONFLICT",
  code: "VERSION_CONFLICT",
  status: 409,
  title: "expected version `2` of the workflow of `SHOP` to be the newest, got: `3`",
  detail: "expected version `2` of the workflow of `SHOP` to be the newest, got: `3`",
  request_id: "fixture",
};

async function openWorkflow(): Promise<Page> {
  const page = await launched.browser.newPage({ viewport: { width: 1_280, height: 900 } });
  await page.goto(`${server.url}/workflows?project=SHOP`);
  await page.getByRole("heading", { name: "Statuses of SHOP" }).waitFor();
  return page;
}
