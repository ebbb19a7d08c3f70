// What a configuration may say of places of files.
import { z } from "zod";
import { expecting, optional } from "../spec/option-notes.ts";
import { duration, integer, text, texts } from "../spec/option-values.ts";
import { type OptionPath, refusal } from "../spec/parse-options.ts";
import { defineSpec, type Spec } from "../spec/spec.ts";
import type {
  S3ConnectionOptions,
  SftpConnectionOptions,
  SftpTimeouts,
  WebHdfsConnectionOptions,
} from "./file-connection-options.ts";
import { secret } from "./secret.ts";
import { transportShape } from "./transport-spec.ts";

export const s3ConnectionSpec: Spec<S3ConnectionOptions> = defineSpec<S3ConnectionOptions>()(() => ({
  bucket: text("the name of a bucket").describe("the bucket, which is part of the path of each request"),
  endpoint: optional(text("an address"), "Amazon's in the region").describe(
    "where the service is: `https://s3.example.com`",
  ),
  region: optional(text(), "`us-east-1`").describe("the region that signatures name"),
  accessKeyId: optional(secret(), '`env("AWS_ACCESS_KEY_ID")`').describe("name of the key that signs"),
  secretAccessKey: optional(secret(), '`env("AWS_SECRET_ACCESS_KEY")`').describe("the key that signs"),
  sessionToken: optional(secret(), "the variable `AWS_SESSION_TOKEN`, if there is one").describe(
    "what goes with keys that end",
  ),
  anonymous: optional(z.boolean(), "false").describe("sends requests without a signature, to public buckets"),
  ...transportShape(),
}));

export const sftpConnectionSpec: Spec<SftpConnectionOptions> = defineSpec<SftpConnectionOptions>()(() => ({
  host: text("a host").describe("the SSH server"),
  port: optional(integer(1, 65_535), "22").describe("its port"),
  user: text().describe("the account"),
  password: optional(secret()).describe("its password"),
  privateKey: optional(secret()).describe("its private key, as OpenSSH or PEM writes it, instead of a password"),
  passphrase: optional(secret()).describe("what the private key is encrypted with"),
  hostKey: hostKeys().describe(
    "what the server has to prove itself with: `SHA256:…`, or the key as `ssh-keyscan` prints it; several while a key is replaced",
  ),
  timeouts: optional(sftpTimeoutsSpec.schema),
}));

const sftpTimeoutsSpec: Spec<SftpTimeouts> = defineSpec<SftpTimeouts>()(() => ({
  connect: optional(duration(), "`20s`").describe("until the session is there"),
  idle: optional(duration(), "`60s`").describe("without an answer to anything that was asked"),
}));

export const webHdfsConnectionSpec: Spec<WebHdfsConnectionOptions> = defineSpec<WebHdfsConnectionOptions>()(() => ({
  url: text("an address").describe("address of the name node, or of HttpFS: `http://namenode.example.com:9870`"),
  user: optional(text()).describe("sent as `user.name`, which clusters without Kerberos believe"),
  delegationToken: optional(secret()).describe("what proves who asks, instead of `user`"),
  dataNodes: optional(texts("origins such as `http://node1.example.com:9864`")).describe(
    "origins of data nodes, which answers lead to for the bytes of a file",
  ),
  ...transportShape(),
}));

/** What no option of a bucket can tell by itself. @throws MillraceError `CONFIG_INVALID` */
export function assertS3Connection(where: string, path: OptionPath, options: S3ConnectionOptions): void {
  const { endpoint, bucket, accessKeyId, secretAccessKey, sessionToken, anonymous } = options;
  if (endpoint !== undefined) assertOrigin(where, [...path, "endpoint"], endpoint);
  if (!/^[a-z0-9][a-z0-9._-]{1,254}$/i.test(bucket)) {
    throw refuse(where, [...path, "bucket"], "a name of letters, digits, dots, `_` and `-`", bucket);
  }
  const keys = Object.entries({ accessKeyId, secretAccessKey, sessionToken }).flatMap(([name, value]) =>
    value === undefined ? [] : [name],
  );
  if (anonymous === true && keys[0] !== undefined) {
    throw refuse(where, [...path, keys[0]], "left out beside `anonymous`", "a key");
  }
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    throw refuse(where, path, "an object with both `accessKeyId` and `secretAccessKey`, or neither", keys.join(", "));
  }
}

/** What no option of an SSH server can tell by itself. @throws MillraceError `CONFIG_INVALID` */
export function assertSftpConnection(where: string, path: OptionPath, options: SftpConnectionOptions): void {
  const { password, privateKey, passphrase } = options;
  if ((password === undefined) === (privateKey === undefined)) {
    const got = password === undefined ? "neither" : "both";
    throw refuse(where, path, "an object with either `password` or `privateKey`", got);
  }
  if (passphrase !== undefined && privateKey === undefined) {
    throw refuse(where, [...path, "passphrase"], "left out without `privateKey`", "a passphrase");
  }
}

/** What no option of HDFS can tell by itself. @throws MillraceError `CONFIG_INVALID` */
export function assertWebHdfsConnection(where: string, path: OptionPath, options: WebHdfsConnectionOptions): void {
  assertOrigin(where, [...path, "url"], options.url);
  if (options.user !== undefined && options.delegationToken !== undefined) {
    throw refuse(where, [...path, "user"], "left out beside `delegationToken`", options.user);
  }
  for (const [index, origin] of (options.dataNodes ?? []).entries()) {
    if (URL.parse(origin)?.origin !== origin) {
      throw refuse(where, [...path, "dataNodes", index], "an origin such as `http://node1.example.com:9864`", origin);
    }
  }
}

function assertOrigin(where: string, path: OptionPath, address: string): void {
  const url = URL.parse(address);
  if (url !== null && /^https?:$/.test(url.protocol) && [url.origin, `${url.origin}/`].includes(address)) return;
  // An address with a password in it is not told again.
  throw refuse(where, path, "an http or https address without path, query and password", url?.origin ?? address);
}

function hostKeys(): z.ZodType<string | readonly string[], string | readonly string[]> {
  const key = z
    .string()
    .regex(/^(?:SHA256:[A-Za-z0-9+/]{43}=?|(?:[^\s#]+ )?(?:ssh|ecdsa)-\S+ [A-Za-z0-9+/]+=*(?: .*)?)$/);
  const expected = "`SHA256:…`, a key as `ssh-keyscan` prints it, or a list of them";
  return expecting(expected, z.union([key, z.array(key).min(1).readonly()]));
}

function refuse(where: string, path: OptionPath, expected: string, got: string): Error {
  return refusal(where, path, expected, got, { code: "CONFIG_INVALID" });
}
