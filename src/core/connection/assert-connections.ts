// What no option of a connection can tell by itself.
import type { OptionPath } from "../spec/parse-options.ts";
import { refusal } from "../spec/parse-options.ts";
import type { ConnectionOptions, HttpConnectionOptions } from "./connection-options.ts";
import { assertS3Connection, assertSftpConnection, assertWebHdfsConnection } from "./file-connection-spec.ts";
import type { HttpAuth } from "./http-auth.ts";

/** @throws MillraceError `CONFIG_INVALID` naming the option */
export function assertConnections(where: string, connections: Readonly<Record<string, ConnectionOptions>>): void {
  for (const [name, connection] of Object.entries(connections)) {
    const path = ["connections", name];
    if (!/^[a-z][a-z0-9_-]{0,99}$/.test(name)) {
      throw refuse(where, ["connections"], "an object by names of lower case letters, digits, `_` and `-`", name);
    }
    assertKind(where, path, connection);
  }
}

function assertKind(where: string, path: OptionPath, connection: ConnectionOptions): void {
  const kinds = kindsOf(connection);
  if (kinds.length !== 1) {
    const expected = "an object with exactly one of `http`, `s3`, `sftp`, `webhdfs`, `postgres` and `mysql`";
    throw refuse(where, path, expected, kinds.join(", ") || "none");
  }
  const { http, s3, sftp, webhdfs } = connection;
  if (http !== undefined) assertHttp(where, [...path, "http"], http);
  if (s3 !== undefined) assertS3Connection(where, [...path, "s3"], s3);
  if (sftp !== undefined) assertSftpConnection(where, [...path, "sftp"], sftp);
  if (webhdfs !== undefined) assertWebHdfsConnection(where, [...path, "webhdfs"], webhdfs);
}

function assertHttp(where: string, path: OptionPath, http: HttpConnectionOptions): void {
  assertBase(where, path, http.baseUrl);
  if (http.auth !== undefined) assertAuth(where, [...path, "auth"], http.auth);
  for (const [index, origin] of (http.otherOrigins ?? []).entries()) {
    if (URL.parse(origin)?.origin !== origin) {
      throw refuse(where, [...path, "otherOrigins", index], "an origin such as `https://files.example.com`", origin);
    }
  }
}

function assertBase(where: string, path: OptionPath, baseUrl: string): void {
  const url = URL.parse(baseUrl);
  const isPlain = url !== null && url.search === "" && url.hash === "" && url.username === "" && url.password === "";
  if (isPlain && /^https?:$/.test(url.protocol)) return;
  // An address with a password in it is not told again.
  const got = url === null ? baseUrl : url.origin;
  throw refuse(where, [...path, "baseUrl"], "an http or https address without query and password", got);
}

function assertAuth(where: string, path: OptionPath, auth: HttpAuth): void {
  const kinds = kindsOf(auth);
  if (kinds.length !== 1) throw refuse(where, path, "an object with exactly one kind", kinds.join(", "));
  const { apiKey, login } = auth;
  if (apiKey !== undefined && (apiKey.header === undefined) === (apiKey.query === undefined)) {
    throw refuse(
      where,
      [...path, "apiKey"],
      "an object with either `header` or `query`",
      Object.keys(apiKey).join(", "),
    );
  }
  if (login?.json !== undefined && login.form !== undefined) {
    throw refuse(where, [...path, "login"], "an object with either `json` or `form`", "json, form");
  }
}

/** Names of the options that are there. */
function kindsOf(options: object): string[] {
  return Object.entries(options).flatMap(([kind, value]) => (value === undefined ? [] : [kind]));
}

function refuse(where: string, path: OptionPath, expected: string, got: string): Error {
  return refusal(where, path, expected, got, { code: "CONFIG_INVALID" });
}
