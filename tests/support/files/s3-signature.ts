// Checks signatures of Amazon's services (Version 4) by their description, with nothing of what makes them.
import { createHash, createHmac } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

export interface SignedRequest {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Tells whether the request was signed with the secret, over what came. */
export function isSignedWith(secret: string, request: SignedRequest): boolean {
  const { method, path, headers, body } = request;
  if (headers.authorization === undefined) return isSignedAddress(secret, request);
  const parts =
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/(\d+)\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=(\w+)$/;
  const [, day = "", region = "", names = "", signature] = parts.exec(headers.authorization ?? "") ?? [];
  const digest = createHash("sha256").update(body).digest("hex");
  if (headers["x-amz-content-sha256"] !== digest) return false;
  const [pathname = "", query = ""] = path.split("?");
  const lines = names.split(";").map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const canonical = [method, canonicalPath(pathname), canonicalQuery(query), lines.join(""), names, digest].join("\n");
  const scope = `${day}/${region}/s3/aws4_request`;
  const digestOfRequest = createHash("sha256").update(canonical).digest("hex");
  const text = `AWS4-HMAC-SHA256\n${String(headers["x-amz-date"])}\n${scope}\n${digestOfRequest}`;
  const key = [day, region, "s3", "aws4_request"].reduce<Buffer>(sign, Buffer.from(`AWS4${secret}`));
  return sign(key, text).toString("hex") === signature;
}

/** An address that was signed for a while, over nothing but the host and what is to be done. */
function isSignedAddress(secret: string, { method, path, headers }: SignedRequest): boolean {
  const [pathname = "", query = ""] = path.split("?");
  const given = new URLSearchParams(query);
  const [, day = "", region = ""] = (given.get("X-Amz-Credential") ?? "").split("/");
  const unsigned = query.split("&").filter((pair) => !pair.startsWith("X-Amz-Signature="));
  const lines = [method, canonicalPath(pathname), canonicalQuery(unsigned.join("&")), `host:${String(headers.host)}\n`];
  const canonical = [...lines, "host", "UNSIGNED-PAYLOAD"].join("\n");
  const digestOfRequest = createHash("sha256").update(canonical).digest("hex");
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = `AWS4-HMAC-SHA256\n${given.get("X-Amz-Date")}\n${scope}\n${digestOfRequest}`;
  const key = [day, region, "s3", "aws4_request"].reduce<Buffer>(sign, Buffer.from(`AWS4${secret}`));
  return (
    given.get("X-Amz-SignedHeaders") === "host" && sign(key, text).toString("hex") === given.get("X-Amz-Signature")
  );
}

function sign(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function canonicalPath(pathname: string): string {
  return pathname
    .split("/")
    .map((segment) => encode(decodeURIComponent(segment)))
    .join("/");
}

function canonicalQuery(query: string): string {
  return query
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const [name = "", value = ""] = pair.split("=");
      return `${encode(decodeURIComponent(name))}=${encode(decodeURIComponent(value))}`;
    })
    .toSorted()
    .join("&");
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
