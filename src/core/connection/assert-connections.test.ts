import { expect, test } from "vitest";
import { parseOptions } from "../spec/parse-options.ts";
import { assertConnections } from "./assert-connections.ts";
import type { ConnectionOptions, HttpConnectionOptions } from "./connection-options.ts";
import { connectionSpec } from "./connection-spec.ts";
import { env } from "./secret.ts";

const baseUrl = "https://api.example.com/v2";

function check(http: Partial<HttpConnectionOptions>, name = "crm"): void {
  assertConnections("the configuration", { [name]: { http: { baseUrl, ...http } } });
}

test("a connection with everything is allowed, and comes back as it was declared", () => {
  const connection: ConnectionOptions = {
    http: {
      baseUrl,
      auth: {
        refreshToken: { tokenUrl: `${baseUrl}/token`, clientId: "me", refreshToken: env("TOKEN"), clientAuth: "body" },
      },
      headers: { "x-tenant": "1", "x-key": { file: "key" } },
      limits: {
        concurrency: 4,
        requests: { count: 100, per: "1m" },
        maxWait: "30s",
        headers: { resetUnit: "epochMs" },
      },
      tls: { certificate: env("CERT"), key: env("KEY") },
      proxy: env("PROXY"),
      timeouts: { headers: "10s" },
      otherOrigins: ["https://files.example.com"],
      secretParameters: ["k"],
    },
  };
  expect(parseOptions(connectionSpec, connection, "the connection", "CONFIG_INVALID")).toEqual(connection);
  assertConnections("the configuration", { crm: connection });
});

test("a reference that is written as text, as addresses of databases are, is a reference wherever a secret may stand", () => {
  const parse = (connection: ConnectionOptions): unknown =>
    parseOptions(connectionSpec, connection, "the connection", "CONFIG_INVALID");
  const http = { baseUrl, auth: { bearer: "env:TOKEN" }, headers: { "x-key": "file:keys/shop" } };
  expect(parse({ http })).toEqual({
    http: { baseUrl, auth: { bearer: env("TOKEN") }, headers: { "x-key": { file: "keys/shop" } } },
  });
  const postgres = { url: "env:WAREHOUSE_URL", password: "environment:is-no-mark" };
  expect(parse({ postgres })).toEqual({ postgres: { ...postgres, url: env("WAREHOUSE_URL") } });
});

test.each([
  [
    { baseUrl: "ftp://x" },
    "expected `baseUrl` of `connections.crm.http` of the configuration to be an http or https address without query and password, got: `ftp://x`",
  ],
  [{ baseUrl: "https://me:canary@x.example" }, "got: `https://x.example`"],
  [{ baseUrl: "https://x.example/?key=canary" }, "got: `https://x.example`"],
  [
    { auth: {} },
    "expected `auth` of `connections.crm.http` of the configuration to be an object with exactly one kind, got: ``",
  ],
  [{ auth: { bearer: "canary", basic: { user: "me", password: "canary" } } }, "got: `bearer, basic`"],
  [{ auth: { apiKey: { value: "canary" } } }, "to be an object with either `header` or `query`, got: `value`"],
  [{ auth: { login: { url: baseUrl, token: "t", json: {}, form: {} } } }, "either `json` or `form`, got: `json, form`"],
  [{ otherOrigins: ["https://files.example.com/x"] }, "`otherOrigins[0]`"],
] as [Partial<HttpConnectionOptions>, string][])("%o is refused without its secrets", (options, message) => {
  let refusal = "";
  try {
    check(options);
  } catch (error) {
    refusal = error instanceof Error ? error.message : "";
  }
  expect(refusal).toContain(message);
  expect(refusal).not.toContain("canary");
});

test("a name that no file or gate could have is refused", () => {
  expect(() => check({}, "../crm")).toThrow("names of lower case letters, digits, `_` and `-`, got: `../crm`");
});

test.each([
  [{ http: { baseUrl, atuh: {} } }, "unknown option `atuh` of `http` of the connection, did you mean `auth`?"],
  [
    { http: { baseUrl, auth: { bearer: 5 } } },
    'expected `bearer` of `http.auth` of the connection to be a text, `env("NAME")` or `secretFile("path")`',
  ],
  [
    { http: { baseUrl, limits: { requests: { count: 5, per: "10ms" } } } },
    "expected `per` of `http.limits.requests` of the connection to be a duration of at least a second",
  ],
])("%o is refused by its place", (connection, message) => {
  expect(() => parseOptions(connectionSpec, connection, "the connection", "CONFIG_INVALID")).toThrow(message);
});
