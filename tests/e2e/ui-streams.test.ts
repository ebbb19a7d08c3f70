// A person follows records through a topic: what waits, what could not be handled, what was corrected; in a real browser against a
// real server.
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { act, UiSession } from "../support/web/ui-session.ts";

const mailer = `import { defineTopic, streamJob } from "millrace";
import { z } from "zod";
const mails = defineTopic({
  name: "mails",
  partitions: 2,
  schema: z.object({ to: z.string(), text: z.string() }),
  key: (mail) => mail.to,
});
export default streamJob({
  name: "mailer",
  description: "sends mails to whoever has an address",
  topic: mails,
  handle(mail) {
    if (!mail.to.includes("@")) throw new Error("no address");
  },
});
`;

const mails = [
  { to: "ada@acme.example", text: "hello" },
  { to: "nobody", text: "hello" },
  { to: "bob@acme.example", text: "hello" },
];

let session: UiSession;

beforeAll(async () => {
  session = await UiSession.start({ "jobs/mailer.ts": mailer });
});

afterAll(async () => {
  await session[Symbol.asyncDispose]();
});

afterEach(() => {
  expect(session.errors.splice(0)).toEqual([]);
});

test("records are produced, wait, are given up, corrected and handled", async () => {
  const runId = await session.start("mailer");
  await session.reached(runId, "RUNNING");
  await groupIs(({ runs }) => runs.length > 0);
  const job = await session.open("/jobs/mailer");
  await act(job, "Pause");
  await groupIs(({ runs }) => runs.length === 0);

  await session.ui.project.write("mails.ndjson", mails.map((mail) => `${JSON.stringify(mail)}\n`).join(""));
  const produced = await session.ui.project.run("topic", "produce", "mails", "--file", "mails.ndjson");
  expect(produced).toMatchObject({ code: 0, stdout: "appended 3 records to mails\n" });
  const page = await session.open("/streams");
  await page.getByRole("row", { name: /mails/ }).getByText("3 behind").waitFor();
  await page.getByRole("link", { name: "mails" }).click();
  await page.getByRole("table", { name: "Records" }).getByText("ada@acme.example").first().waitFor();

  await act(job, "Resume");
  await page.goto(`${session.ui.origin}/streams?tab=dead-letters`);
  await page
    .getByRole("row", { name: /no address/ })
    .getByRole("link", { name: /mails\/\d@\d/ })
    .click();
  await page.getByRole("heading", { name: /Dead letter \d/, level: 1 }).waitFor();
  await page.getByRole("button", { name: "Edit and retry…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(/^Value/).fill('{"to": 1, "text": "hello"}');
  await dialog.getByRole("button", { name: "Retry with this value" }).click();
  await dialog.getByText(/does not fit the schema/).waitFor();
  await dialog.getByLabel(/^Value/).fill('{"to": "nobody@acme.example", "text": "hello"}');
  await dialog.getByRole("button", { name: "Retry with this value" }).click();
  await page.getByText("Retried").first().waitFor();

  const group = await groupIs(({ lag, parked, dead_letters: dead }) => lag === 0 && parked === 0 && dead === 0);
  expect(group.lag).toBe(0);
  await page.goto(`${session.ui.origin}/streams/groups/mailer`);
  await page.getByRole("region", { name: "Progress" }).getByText("caught up").waitFor();
  await page
    .getByRole("table", { name: "Members" })
    .getByRole("link", { name: /^r\d+$/ })
    .first()
    .waitFor();
  await page.close();
  await job.close();
});

test("a replay is started, watched and seen to be ready", async () => {
  const page = await session.open("/streams/groups/mailer");
  await page.getByRole("button", { name: "Replay…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(/^From/).fill("soon");
  await dialog.getByText(/expected offsets, or times/).waitFor();
  await dialog.getByLabel(/^From/).fill("0");
  await dialog.getByLabel(/^Name/).fill("check");
  await dialog.getByRole("button", { name: "Replay", exact: true }).click();
  const row = page.getByRole("row", { name: /mailer@replay-check/ });
  await row.getByText("Ready").waitFor();
  await row.getByText("3 of 3").waitFor();
  await row.getByRole("button", { name: "End" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End", exact: true }).click();
  await row.getByText("Cancelled").waitFor();
  await page.close();
});

interface Group {
  readonly runs: readonly unknown[];
  readonly lag: number;
  readonly parked: number;
  readonly dead_letters: number;
}

/** Resolves when the group is as it should be; it is not there before its first run has begun. */
async function groupIs(check: (group: Group) => boolean): Promise<Group> {
  for (;;) {
    const group = await session.read<Group>("/groups/mailer").catch(() => undefined);
    if (group !== undefined && check(group)) return group;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
