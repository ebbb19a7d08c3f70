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
      service: "s3",
      cache,
      datetime: new Date(nowMs).toISOString().replaceAll(/[:-]|\.\d{3}/g, ""),
      headers: { ...signable(headers), "x-amz-content-sha256": content },
    });
    const { headers: signed } = await signer.sign();
    return Object.fromEntries(signed.entries());
  };
}

/** Headers that a signature may cover; others may be changed on their way. */
function signable(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => /^(?:x-amz-|content-md5$|if-)/i.test(name)));
}
