import { expect, test } from "vitest";
import { parseConnectAddress } from "./connect-address.ts";

test("an address has a host and a port, which may be left out", () => {
  expect(parseConnectAddress("sc://spark.internal:443/")).toEqual({
    host: "spark.internal",
    port: 443,
    usesTls: false,
    headers: {},
  });
  expect(parseConnectAddress("sc://localhost").port).toBe(15_002);
  expect(parseConnectAddress("sc://[::1]:7077/;use_ssl=false").host).toBe("::1");
});

test("a token turns TLS on, and keeps the signs that base64 ends with", () => {
  const address = parseConnectAddress("sc://spark:443/;token=YWJj==;user_id=etl;x-databricks-cluster-id=0123-4567");
  expect(address).toMatchObject({ token: "YWJj==", usesTls: true, userId: "etl" });
  expect(address.headers).toEqual({ "x-databricks-cluster-id": "0123-4567" });
});

test("a token goes over plain text to this machine only, and is in no message", () => {
  expect(parseConnectAddress("sc://127.0.0.1:1/;token=secret;use_ssl=false").usesTls).toBe(false);
  const parse = (): unknown => parseConnectAddress("sc://10.0.0.7:1/;token=secret;use_ssl=false");
  expect(parse).toThrow("must not go over the network without TLS");
  expect(parse).not.toThrow("secret");
});

test("names that are reserved are read, and all values may be escaped", () => {
  const id = "0f0e0d0c-0b0a-4908-8706-050403020100";
  const address = parseConnectAddress(
    `sc://h/;session_id=${id};user_agent=etl%20nightly;grpc_max_message_size=1000;use_ssl=TRUE`,
  );
  expect(address).toMatchObject({ sessionId: id, userAgent: "etl nightly", maxMessageBytes: 1000, usesTls: true });
});

test.each([
  ["http://h:1", "to begin with `sc://host:port/`"],
  ["sc://", "to begin with `sc://host:port/`"],
  ["sc://user@h:1", "to begin with `sc://host:port/`"],
  ["sc://h:1/database", "expected no path in a Spark Connect address, got: `/database`"],
  ["sc://h:99999", "expected a port from 1 to 65535, got: `99999`"],
  ["sc://h/;token", "to be `name=value`"],
  ["sc://h/;a=1;a=2", "expected each name in a Spark Connect address once, got: `a`"],
  ["sc://h/;use_ssl=yes", "expected `use_ssl` to be true or false, got: `yes`"],
  ["sc://h/;session_id=7", "expected `session_id` to be a UUID, got: `7`"],
  ["sc://h/;grpc_max_message_size=4MB", "to be a number of bytes, got: `4MB`"],
  ["sc://h/;a b=1", "expected names of headers"],
  ["sc://h/;a=%zz", "to be escaped as `%25`"],
])("`%s` is refused", (text, message) => {
  expect(() => parseConnectAddress(text)).toThrow(message);
});
