// What lists show of a connection: where it is, and how it proves who asks; never a secret.
import type { ConnectionOptions } from "./connection-options.ts";

export interface ConnectionDescription {
  readonly address: string;
  /** Kind of auth; `undefined` when nothing proves who asks. */
  readonly auth: string | undefined;
}

/** Exactly one kind is declared, which the configuration has checked. */
export function describeConnection({ http, s3, sftp, webhdfs }: ConnectionOptions): ConnectionDescription {
  if (s3 !== undefined) {
    const { endpoint = `https://s3.${s3.region ?? "us-east-1"}.amazonaws.com`, bucket, anonymous } = s3;
    return { address: `${endpoint.replace(/\/$/, "")}/${bucket}`, auth: anonymous === true ? undefined : "signature" };
  }
  if (sftp !== undefined) {
    const { user, host, port = 22, password } = sftp;
    return { address: `sftp://${user}@${host}:${port}`, auth: password === undefined ? "privateKey" : "password" };
  }
  if (webhdfs !== undefined) {
    const { url, user, delegationToken } = webhdfs;
    return { address: url, auth: delegationToken === undefined ? user && "user" : "delegationToken" };
  }
  return { address: http?.baseUrl ?? "", auth: Object.keys(http?.auth ?? {})[0] };
}
