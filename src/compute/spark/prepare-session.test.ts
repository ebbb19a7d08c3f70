// What a Spark lacks is told in words of its own, on a scripted server.
import * as arrow from "apache-arrow";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import { type ConnectFixture, openConnect } from "../../../tests/support/spark/open-connect.ts";
import { batchMessage, completeMessage } from "../../../tests/support/spark/plan-messages.ts";
import { startFakeConnectServer, type StreamStep } from "../../../tests/support/spark/fake-connect-server.ts";
import { createSkippingClock } from "../../../tests/support/spark/skipping-clock.ts";
import { MessageWriter } from "./connect/message-writer.ts";
import { assertTransform, prepareSession } from "./prepare-session.ts";
import { openSparkSession } from "./spark-session.ts";

let fixture: ConnectFixture;
beforeEach(async () => {
  fixture = await openConnect();
});
afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

const settings = {
  "spark.sql.session.timeZone": "UTC",
  "spark.sql.ansi.enabled": "true",
  "spark.sql.execution.arrow.compression.codec": "none",
};
const answerOf = (values: Readonly<Record<string, string>>) => () => new MessageWriter().textMap(2, values);

function word(text: string): StreamStep[] {
  const data = arrow.tableToIPC(new arrow.Table({ word: arrow.vectorFromArray([text], new arrow.Utf8()) }), "stream");
  return [{ send: batchMessage("r1", { rows: 1, data }) }, { send: completeMessage("r2") }];
}

test.each([
  [
    "spark.sql.session.timeZone",
    "Europe/Berlin",
    "expected `spark.sql.session.timeZone` of Spark to be `UTC`, got: `Europe/Berlin`",
  ],
  ["spark.sql.ansi.enabled", "false", "expected `spark.sql.ansi.enabled` of Spark to be `true`, got: `false`"],
])("a server that keeps `%s` at `%s` is refused", async (key, value, message) => {
  fixture.server.answer("Config", answerOf({ ...settings, [key]: value }));
  expect(await expectFailure(prepareSession(fixture.session))).toMatchObject({ code: "CONFIG_INVALID", message });
});

test("a Spark before 4.0 is refused, and its session is closed", async () => {
  await using server = await startFakeConnectServer();
  server.answer("AnalyzePlan", () => new MessageWriter().message(8, new MessageWriter().text(1, "3.5.6")));
  const opening = openSparkSession(
    { address: `sc://127.0.0.1:${server.port}` },
    { clock: createSkippingClock(), random: () => 0 },
  );
  expect(await expectFailure(opening)).toMatchObject({
    code: "CAPABILITY_MISSING",
    message: "expected Spark 4.0 or newer, got: `3.5.6`",
  });
  expect(server.methods()).toEqual(["AnalyzePlan", "ReleaseSession"]);
});

test("executors that run commands and have Node.js are taken", async () => {
  fixture.server.script(word("mill"), word("mill"));
  await assertTransform(fixture.session);
});

test("a Spark that refuses `transform`, and executors without Node.js, are told apart", async () => {
  const refused = { fail: { errorClass: "UNSUPPORTED_FEATURE.TRANSFORM", sqlState: "0A000" } };
  fixture.server.script([refused]);
  const first = await expectFailure(assertTransform(fixture.session));
  expect(first).toMatchObject({ code: "CAPABILITY_MISSING", message: "this Spark runs no commands in `transform`" });
  fixture.server.script(word("mill"), [{ fail: { message: "Subprocess exited with status 127" } }]);
  expect((await expectFailure(assertTransform(fixture.session))).message).toContain("have no `node` on their path");
});
