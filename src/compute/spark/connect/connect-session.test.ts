// Sessions on a scripted server: identity, settings, artifacts, tokens, certificates, and the errors that the server keeps for one asking.
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectFailure } from "../../../../tests/support/expect-failure.ts";
import { authority, serverCertificate, serverKey } from "../../../../tests/support/http/certificates.ts";
import { startFakeConnectServer } from "../../../../tests/support/spark/fake-connect-server.ts";
import { type ConnectFixture, openConnect, readTexts } from "../../../../tests/support/spark/open-connect.ts";
import { completeMessage } from "../../../../tests/support/spark/plan-messages.ts";
import { createSkippingClock } from "../../../../tests/support/spark/skipping-clock.ts";
import { sqlPlan } from "./connect-requests.ts";
import { ConnectSession } from "./connect-session.ts";
import { MessageWriter } from "./message-writer.ts";

const plan = sqlPlan("select 1");
const version = new MessageWriter().message(8, new MessageWriter().text(1, "4.2.0"));

let fixture: ConnectFixture;
beforeEach(async () => {
  fixture = await openConnect();
});
afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

const lastCall = (method: string) => fixture.server.calls.findLast((call) => call.method === method);

test("a session knows the version of its server, and ends there when it is closed", async () => {
  expect(fixture.session.version).toBe("4.2.0");
  const { server } = fixture;
  await fixture[Symbol.asyncDispose]();
  expect(server.methods()).toEqual(["AnalyzePlan", "ReleaseSession"]);
  fixture = await openConnect();
});

test("a server that knows no end of sessions and no details of errors is left all the same", async () => {
  fixture.server.answer("ReleaseSession", () => ({ status: 12, message: "unimplemented" }));
  const { server } = fixture;
  await fixture.session[Symbol.asyncDispose]();
  expect(server.methods()).toEqual(["AnalyzePlan", "ReleaseSession"]);
});

test("settings are read and written, and one without a value is not there", async () => {
  const pair = (key: string, value?: string) => new MessageWriter().text(1, key).text(2, value);
  fixture.server.answer("Config", () =>
    new MessageWriter().message(2, pair("spark.sql.ansi.enabled", "true")).message(2, pair("spark.sql.unknown")),
  );
  const settings = await fixture.session.settings(["spark.sql.ansi.enabled", "spark.sql.unknown"]);
  expect([...settings]).toEqual([["spark.sql.ansi.enabled", "true"]]);
  await fixture.session.set({ "spark.sql.session.timeZone": "UTC" });
  const set = lastCall("Config")?.fields.message(3)?.message(1);
  expect(set?.textMap(1)).toEqual({ "spark.sql.session.timeZone": "UTC" });
});

test("an interrupt tells whether the operation ran", async () => {
  expect(await fixture.session.interrupt("op-1")).toBe(false);
  fixture.server.answer("Interrupt", () => new MessageWriter().text(2, "op-1"));
  expect(await fixture.session.interrupt("op-1")).toBe(true);
});

test("questions are asked again until they are answered", async () => {
  const gone = () => ({ status: 14, message: "gone" });
  fixture.server.answer("Config", gone, gone, () => new MessageWriter());
  expect((await fixture.session.settings(["a"])).size).toBe(0);
  expect(fixture.clock.pauses).toEqual([50, 200]);
});

test("the chain of an error is asked for once, at once, and without what may be a value of a row", async () => {
  const error = (type: string, message: string, cause?: number) =>
    new MessageWriter().text(1, `org.apache.spark.${type}`).text(2, message).whole(4, cause);
  fixture.server.answer(
    "FetchErrorDetails",
    () =>
      new MessageWriter()
        .whole(1, 0)
        .message(
          2,
          error(
            "SparkNumberFormatException",
            '[CAST_INVALID_INPUT] The value \'secret\' of the type "STRING" cannot be cast to "INT". SQLSTATE: 22018\n== SQL (line 2, position 8) ==\nselect int(x)',
            1,
          ),
        )
        .message(2, error("NumberFormatException", 'For input string: "secret"')),
    () => new MessageWriter(),
  );
  fixture.server.script([
    {
      fail: {
        message: "[CAST_INVALID_INPUT] The value 'secret' …",
        errorClass: "CAST_INVALID_INPUT",
        sqlState: "22018",
        errorId: "e-1",
      },
    },
  ]);
  const failure = await expectFailure(readTexts(fixture.session.execute(plan, { operationId: "op-1" })));
  expect(failure.code).toBe("SQL_FAILED");
  expect(failure.message).toBe(
    "spark: [CAST_INVALID_INPUT] The value '…' of the type `STRING` cannot be cast to `INT` (line 2, column 8)",
  );
  expect(failure.details).toEqual({ sparkClass: "CAST_INVALID_INPUT", sqlState: "22018", operationId: "op-1" });
  expect((failure.cause as Error).message).toBe("NumberFormatException: For input string: `…`");
  expect(String((failure.cause as Error).cause)).not.toContain("secret");
  expect(fixture.server.methods().filter((method) => method === "FetchErrorDetails")).toHaveLength(1);
  expect(lastCall("FetchErrorDetails")?.fields.text(3)).toBe("e-1");
});

test("an error without a chain says what came with it", async () => {
  fixture.server.answer("FetchErrorDetails", () => ({ status: 12, message: "unimplemented" }));
  fixture.server.script([
    {
      fail: {
        message: "[TABLE_OR_VIEW_NOT_FOUND] The table or view `t` cannot be found. SQLSTATE: 42P01",
        sqlState: "42P01",
        errorId: "e",
      },
    },
  ]);
  const failure = await expectFailure(readTexts(fixture.session.execute(plan)));
  expect(failure.code).toBe("SQL_INVALID");
  expect(failure.message).toBe("spark: [TABLE_OR_VIEW_NOT_FOUND] The table or view `t` cannot be found");
});

test.each([
  [{ status: 7, message: "no" }, "PERMISSION_DENIED"],
  [{ status: 8, message: "Received message larger than max (9 vs 8)" }, "RESPONSE_TOO_LARGE"],
  [{ status: 12, message: "no" }, "CAPABILITY_MISSING"],
  [{ errorClass: "OPERATION_CANCELED", sqlState: "HY008" }, "OPERATION_INTERRUPTED"],
  [{ errorClass: "PARSE_SYNTAX_ERROR", sqlState: "42601" }, "SQL_INVALID"],
  [{ errorClass: "DIVIDE_BY_ZERO", sqlState: "22012" }, "SQL_FAILED"],
  [{ message: "java.lang.OutOfMemoryError: Java heap space" }, "SQL_FAILED"],
  [{ errorClass: "INVALID_HANDLE.OPERATION_ALREADY_EXISTS" }, "INTERNAL"],
])("a failure %o has the code %s", async (fail, code) => {
  fixture.server.script([{ fail }]);
  expect((await expectFailure(readTexts(fixture.session.execute(plan)))).code).toBe(code);
});

test("a file is sent in parts of 32 KiB with their checksums, and one that arrives damaged is refused", async () => {
  const { server, session } = fixture;
  const summary = (isWhole: boolean) => new MessageWriter().text(1, "files/a.mjs").flag(2, isWhole);
  server.answer(
    "AddArtifacts",
    () => new MessageWriter().message(1, summary(true)),
    () => new MessageWriter().message(1, summary(false)),
  );
  await session.addArtifact({ name: "files/a.mjs", bytes: Buffer.alloc(80_000, 1) });
  const sent = server.calls.filter(({ method }) => method === "AddArtifacts").map(({ fields }) => fields);
  expect(sent).toHaveLength(3);
  expect(sent[0]?.message(4)?.whole(2)).toBe(80_000);
  expect(sent[0]?.message(4)?.whole(3)).toBe(3);
  expect(sent[2]?.message(5)?.bytes(1)).toHaveLength(80_000 - 2 * 32_768);
  const error = await expectFailure(session.addArtifact({ name: "files/a.mjs", bytes: Buffer.from("x") }));
  expect(error.code).toBe("CHECKSUM_MISMATCH");
  expect(lastCall("AddArtifacts")?.fields.message(3)?.message(1)?.text(1)).toBe("files/a.mjs");
});

test("headers of the address and the token go with every call", async () => {
  await using server = await startFakeConnectServer();
  const address = `sc://127.0.0.1:${server.port}/;token=a==;use_ssl=false;x-databricks-cluster-id=7;user_id=etl`;
  await using session = await ConnectSession.open({ address, clock: createSkippingClock(), random: () => 0 });
  await session.settings(["a"]);
  expect(server.calls.map(({ headers }) => [headers["authorization"], headers["x-databricks-cluster-id"]])).toEqual([
    ["Bearer a==", "7"],
    ["Bearer a==", "7"],
  ]);
  expect(server.calls[0]?.fields.message(2)?.text(1)).toBe("etl");
});

test("a token that ended is replaced once, in questions and in the middle of an operation", async () => {
  await using server = await startFakeConnectServer();
  const ended = () => ({ status: 16, message: "expired" });
  server.answer("AnalyzePlan", ended, () => version);
  const refused: (string | undefined)[] = [];
  await using session = await ConnectSession.open({
    address: `sc://127.0.0.1:${server.port}`,
    clock: createSkippingClock(),
    random: () => 0,
    token: (before) => {
      refused.push(before);
      return `t${refused.length}`;
    },
  });
  server.script([{ fail: ended() }], [{ send: completeMessage("r1") }]);
  expect(await readTexts(session.execute(plan))).toEqual([]);
  expect(refused.slice(0, 4)).toEqual([undefined, "t1", undefined, "t3"]);
  server.answer("Config", ended);
  const error = await expectFailure(session.settings(["a"]));
  expect(error).toMatchObject({ code: "AUTHENTICATION_FAILED", disposition: "fail" });
});

test("a certificate is checked, and one that nobody vouches for is told without further tries", async () => {
  await using server = await startFakeConnectServer({ tls: { key: serverKey, certificate: serverCertificate } });
  const clock = createSkippingClock();
  const options = { address: `sc://127.0.0.1:${server.port}/;use_ssl=true`, clock, random: () => 0 };
  const session = await ConnectSession.open({ ...options, certificateAuthority: authority });
  expect(session.version).toBe("4.2.0");
  await session[Symbol.asyncDispose]();
  expect((await expectFailure(ConnectSession.open(options))).code).toBe("CERTIFICATE_INVALID");
  expect(clock.pauses).toEqual([]);
});

test("an address where nobody listens is told after a few tries", async () => {
  const server = await startFakeConnectServer();
  const address = `sc://127.0.0.1:${server.port}`;
  await server[Symbol.asyncDispose]();
  const clock = createSkippingClock();
  const error = await expectFailure(ConnectSession.open({ address, clock, random: () => 0 }));
  expect(error).toMatchObject({ code: "SERVICE_UNAVAILABLE", disposition: "retry" });
  expect(clock.pauses).toEqual([50, 200, 800, 3_200, 12_800]);
});
