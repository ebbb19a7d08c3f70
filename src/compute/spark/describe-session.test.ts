// What a run's log says of where its work is, on a scripted server.
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ConnectFixture, openConnect } from "../../../tests/support/spark/open-connect.ts";
import { MessageWriter } from "./connect/message-writer.ts";
import { describeSession } from "./describe-session.ts";

let fixture: ConnectFixture;
beforeEach(async () => {
  fixture = await openConnect();
});
afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

test.each<[Readonly<Record<string, string>>, string | undefined, string]>([
  [{ "spark.app.id": "app-7" }, undefined, "at `spark.internal:15002`, application `app-7`, tag `millrace:r7`"],
  [
    { "spark.app.id": "app 7" },
    "https://history.internal/history/{app}/jobs/",
    "application `app 7`, tag `millrace:r7`: https://history.internal/history/app%207/jobs/",
  ],
  [{}, "http://spark.internal:4040", "at `spark.internal:15002`, tag `millrace:r7`: http://spark.internal:4040"],
])("with the settings %j and the screens at %s", async (settings, ui, expected) => {
  fixture.server.answer("Config", () => new MessageWriter().textMap(2, settings));
  const { signal } = new AbortController();
  const address = "sc://spark.internal/;token=canary-token";
  const where = await describeSession(fixture.session, { address, ui, tag: "millrace:r7", signal });
  expect(where).toContain(expected);
  expect(where.startsWith(`Spark ${fixture.session.version} at `)).toBe(true);
  expect(where).not.toContain("canary");
});
