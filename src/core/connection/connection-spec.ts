// What a configuration may say of a connection.
import { z } from "zod";
import { expecting, optional } from "../spec/option-notes.ts";
import { callback, choice, duration, integer, text, texts } from "../spec/option-values.ts";
import { defineSpec, type Spec } from "../spec/spec.ts";
import type {
  CacheOptions,
  ConnectionOptions,
  DatabaseConnectionOptions,
  HttpConnectionOptions,
} from "./connection-options.ts";
import {
  type ApiKeyAuth,
  type BasicAuth,
  type ClientCredentialsAuth,
  type HttpAuth,
  type JwtAuth,
  jwtAlgorithms,
  type JwtExchange,
  type LoginAuth,
  type RefreshTokenAuth,
  type RequestSigner,
} from "./http-auth.ts";
import { s3ConnectionSpec, sftpConnectionSpec, webHdfsConnectionSpec } from "./file-connection-spec.ts";
import { type Secret, secret } from "./secret.ts";
import { transportShape } from "./transport-spec.ts";

/** Exactly one kind, which `assertConnections` looks at. */
export const connectionSpec: Spec<ConnectionOptions> = defineSpec<ConnectionOptions>()(() => ({
  http: optional(httpConnectionSpec.schema).describe("a service that is asked by HTTP"),
  s3: optional(s3ConnectionSpec.schema).describe("a bucket of files"),
  sftp: optional(sftpConnectionSpec.schema).describe("files of an SSH server"),
  webhdfs: optional(webHdfsConnectionSpec.schema).describe("files of HDFS"),
  postgres: optional(databaseConnectionSpec.schema).describe("a Postgres database"),
  mysql: optional(databaseConnectionSpec.schema).describe("a MySQL or MariaDB database"),
}));

export const databaseConnectionSpec: Spec<DatabaseConnectionOptions> = defineSpec<DatabaseConnectionOptions>()(() => ({
  url: secret().describe(
    "its address, such as `postgresql://user@host/db` or `mysql://user@host/db`, also with `jdbc:` before it",
  ),
  password: optional(secret(), "that of the address").describe("the password, apart from the address"),
}));

export const httpConnectionSpec: Spec<HttpConnectionOptions> = defineSpec<HttpConnectionOptions>()(() => ({
  baseUrl: text("an address").describe(
    "what relative addresses begin with, without a query; credentials go to its origin only",
  ),
  auth: optional(authSpec.schema).describe("who asks: exactly one of the kinds below"),
  headers: optional(secrets()).describe("headers of each request to the own origin"),
  ...transportShape(),
  cache: optional(cacheSpec.schema),
  otherOrigins: optional(texts("origins such as `https://files.example.com`")).describe(
    "other origins that requests and redirects may go to; they get no credentials",
  ),
  secretParameters: optional(texts("names")).describe(
    "query parameters that are masked where addresses are shown, beside those that are named like a secret",
  ),
}));

export const authSpec: Spec<HttpAuth> = defineSpec<HttpAuth>()(() => ({
  basic: optional(basicSpec.schema),
  bearer: optional(secret()).describe("a fixed token for `authorization: Bearer …`"),
  apiKey: optional(apiKeySpec.schema),
  clientCredentials: optional(clientCredentialsSpec.schema),
  refreshToken: optional(refreshTokenSpec.schema),
  jwt: optional(jwtSpec.schema),
  login: optional(loginSpec.schema),
  sign: optional(callback<RequestSigner>()).describe("a function that gives headers for a request, such as an HMAC"),
}));

const basicSpec: Spec<BasicAuth> = defineSpec<BasicAuth>()(() => ({
  user: text().describe("the user"),
  password: secret().describe("the password"),
}));

const apiKeySpec: Spec<ApiKeyAuth> = defineSpec<ApiKeyAuth>()(() => ({
  header: optional(text()).describe("name of the header"),
  query: optional(text()).describe("name of the query parameter, instead of a header"),
  value: secret().describe("the key"),
}));

const endpoint = {
  tokenUrl: text("an address").describe("the token endpoint"),
  scope: optional(text()).describe("what is asked for, separated by spaces"),
  parameters: optional(fields()).describe("more fields of the form, such as `audience`"),
} as const;

const client = {
  clientId: text().describe("the client id"),
  clientSecret: optional(secret()).describe("the client secret"),
  clientAuth: optional(choice(["header", "body"]), "`header`").describe("where client id and secret stand"),
} as const;

const clientCredentialsSpec: Spec<ClientCredentialsAuth> = defineSpec<ClientCredentialsAuth>()(() => ({
  ...endpoint,
  ...client,
}));

const refreshTokenSpec: Spec<RefreshTokenAuth> = defineSpec<RefreshTokenAuth>()(() => ({
  ...endpoint,
  ...client,
  refreshToken: secret().describe("the first refresh token; another value than before starts anew with it"),
}));

const jwtSpec: Spec<JwtAuth> = defineSpec<JwtAuth>()(() => ({
  ...endpoint,
  issuer: text().describe("who signs"),
  subject: optional(text(), "the issuer").describe("for whom"),
  audience: optional(text(), "`tokenUrl`").describe("to whom"),
  key: secret().describe("PEM of the private key, or the shared secret of `HS256`"),
  keyId: optional(text()).describe("name of the key"),
  algorithm: optional(choice(jwtAlgorithms), "`RS256`").describe("how it is signed"),
  lifetime: optional(duration(), "`5m`").describe("how long an assertion is valid"),
  claims: optional(expecting("an object", z.record(z.string(), z.unknown()))).describe("more claims"),
  exchange: optional(exchangeSpec.schema, "as the standard has it"),
}));

const exchangeSpec: Spec<JwtExchange> = defineSpec<JwtExchange>()(() => ({
  token: text("a path").describe(
    "where the token is in the JSON of the answer; the assertion is then sent as `authorization: Bearer …`, without a form",
  ),
  expiresAt: optional(text("a path"), "until the service refuses it").describe(
    "where the answer has the instant at which the token ends",
  ),
}));

const loginSpec: Spec<LoginAuth> = defineSpec<LoginAuth>()(() => ({
  url: text("an address").describe("the address of the call"),
  method: optional(choice(["GET", "POST", "PUT"]), "`POST`").describe("its method"),
  headers: optional(secrets()).describe("its headers"),
  json: optional(secrets()).describe("fields of a JSON body"),
  form: optional(secrets()).describe("fields of a form, instead of JSON"),
  token: text("a path").describe("where the token is in the JSON of the answer: `data.session.token`"),
  lifetime: optional(duration(), "until the service refuses it").describe("how long a token lives"),
  expiresIn: optional(text("a path")).describe("where the answer has the seconds that the token lives"),
  header: optional(text(), "`authorization`").describe("the header that carries the token"),
  prefix: optional(z.string(), "`Bearer ` in `authorization`, else nothing").describe("what stands before the token"),
}));

const cacheSpec: Spec<CacheOptions> = defineSpec<CacheOptions>()(() => ({
  ttl: optional(duration(), "each is asked for again").describe(
    "how long an answer to `GET` that does not say so itself is used without asking",
  ),
  staleIfError: optional(duration(), "never").describe("how long the last answer stands in while the service fails"),
  maxBytes: optional(integer(1_000_000, 100_000_000_000), "64 MiB").describe(
    "of all answers of the connection on a machine, sealed; the oldest go",
  ),
}));

function fields(): z.ZodType<Readonly<Record<string, string>>, Readonly<Record<string, string>>> {
  return expecting("an object of texts", z.record(z.string(), z.string()));
}

function secrets(): z.ZodType<Readonly<Record<string, Secret>>, Readonly<Record<string, Secret>>> {
  return expecting("an object of texts or references to secrets", z.record(z.string(), secret()));
}
