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
      datetime: new Date(nowMs).toISOString().replaceAll(/[:-]|\.\d{3}/g, ""),
      headers: { ...signable(headers, signed), "x-amz-content-sha256": content },
    });
    const { headers: all } = await signer.sign();
    return Object.fromEntries(all.entries());
  };
}

function signable(headers: Readonly<Record<string, string>>, signed: RegExp): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => signed.test(name)));
}
