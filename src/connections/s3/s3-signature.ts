// Signs requests as Amazon's services want it (Signature Version 4), over exactly what is sent.
import { createHash } from "node:crypto";
import { AwsV4Signer } from "aws4fetch";
import type { RequestSigner } from "../../core/connection/http-auth.ts";

export interface S3Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
export function signS3(keys: S3Keys, region: string): RequestSigner {
  return signAws(keys, { region, service: "s3", signed: /^(?:x-amz-|content-md5$|if-)/i });
}

/**
 * An address by which whoever has it may do one thing with one object for a while.
 * @param seconds at most a week; one that was signed with keys of a session ends with that
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export async function signAddress(
  keys: S3Keys,
  { method, url, region, seconds, nowMs }: SignAddressOptions,
): Promise<string> {
  const wanted = new URL(url);
  wanted.searchParams.set("X-Amz-Expires", String(seconds));
  const signer = new AwsV4Signer({
    ...keys,
    method,
    url: wanted.href,
    region,
    service: "s3",
    signQuery: true,
    datetime: toStamp(nowMs),
  });
  return String((await signer.sign()).url);
}

export interface SignAddressOptions {
  readonly method: "GET" | "PUT";
  readonly url: string;
  readonly region: string;
  readonly seconds: number;
  readonly nowMs: number;
}

/** @param signed names of headers that the signature covers, of those that are sent; others may be changed on their way */
export function signAws(
  keys: S3Keys,
  { region, service, signed }: { readonly region: string; readonly service: string; readonly signed: RegExp },
): RequestSigner {
  // keys of a day are derived once
  const cache = new Map<string, ArrayBuffer>();
  return async ({ method, url, headers, body }, nowMs) => {
    const content = createHash("sha256")
      .update(body ?? "")
      .digest("hex");
    const signer = new AwsV4Signer({
      ...keys,
      method,
      url,
      region,
      service,
      cache,
      datetime: toStamp(nowMs),
      headers: { ...signable(headers, signed), "x-amz-content-sha256": content },
    });
    const { headers: all } = await signer.sign();
    return Object.fromEntries(all.entries());
  };
}

function toStamp(nowMs: number): string {
  return new Date(nowMs).toISOString().replaceAll(/[:-]|\.\d{3}/g, "");
}

function signable(headers: Readonly<Record<string, string>>, signed: RegExp): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => signed.test(name)));
}
