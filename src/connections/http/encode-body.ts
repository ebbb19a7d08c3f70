// Bodies as bytes or streams, with the content type that belongs to them.
import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { MillraceError } from "../../core/errors/errors.ts";
import { type FileContent, readFileContent } from "./file-content.ts";
import type { FieldValues, HttpBody, MultipartPart } from "./http-request.ts";

export interface EncodedBody {
  /** `undefined` when the caller's headers or the service have to know. */
  readonly contentType: string | undefined;
  /** All of it; `undefined` for a stream. */
  readonly content: string | Uint8Array | undefined;
  /** Bytes of a stream, where that is known. */
  readonly length?: number;
  /** What is sent; called again for each time that the request is sent. */
  open(): string | Uint8Array | Readable;
}

/** @throws MillraceError `VALUE_INVALID` for what has no JSON, and for names that would end a header line */
export function encodeBody(body: HttpBody): EncodedBody {
  if ("json" in body) return fixed("application/json", toJson(body.json));
  if ("form" in body) return fixed("application/x-www-form-urlencoded", encodeFields(body.form));
  if ("multipart" in body) return encodeMultipart(body.multipart);
  if ("file" in body) return encodeFile(body.file);
  const { raw, contentType } = body;
  return typeof raw === "function" ? { contentType, content: undefined, open: raw } : fixed(contentType, raw);
}

/** `a=1&b=x%20y`; a space is `%20`, which every service reads, and not `+`. */
export function encodeFields(fields: FieldValues): string {
  return Object.entries(fields)
    .flatMap(([name, values]) => [values].flat().map((value) => `${encode(name)}=${encode(value)}`))
    .join("&");
}

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

function fixed(contentType: string | undefined, content: string | Uint8Array): EncodedBody {
  return { contentType, content, open: () => content };
}

function toJson(value: unknown): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch {
    // A circle, or a bigint: said below, without the value.
  }
  if (json !== undefined) return json;
  throw new MillraceError("VALUE_INVALID", `expected a body that has JSON, got: \`${typeof value}\``, {
    hint: "give plain data, with texts for numbers that a double cannot hold",
  });
}

/** @see https://www.rfc-editor.org/rfc/rfc7578 */
function encodeMultipart(parts: readonly MultipartPart[]): EncodedBody {
  const boundary = `millrace-${randomUUID()}`;
  const contentType = `multipart/form-data; boundary=${boundary}`;
  const chunks = [
    ...parts.flatMap((part) => [
      Buffer.from(`--${boundary}\r\n${partHeaders(part)}\r\n\r\n`),
      isFile(part.content) ? part.content : Buffer.from(part.content),
      Buffer.from("\r\n"),
    ]),
    Buffer.from(`--${boundary}--\r\n`),
  ];
  const held = chunks.flatMap((chunk) => (isFile(chunk) ? [] : [chunk]));
  if (held.length === chunks.length) return fixed(contentType, Buffer.concat(held));
  const length = chunks.reduce((sum, chunk) => sum + (isFile(chunk) ? chunk.size : chunk.length), 0);
  return { contentType, content: undefined, length, open: () => Readable.from(readAll(chunks)) };
}

/** A file comes in pieces, so that no body is held whole. */
async function* readAll(chunks: readonly (Buffer | FileContent)[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) {
    if (isFile(chunk)) yield* readFileContent(chunk);
    else yield chunk;
  }
}

function encodeFile(file: FileContent): EncodedBody {
  const open = (): Readable => Readable.from(readFileContent(file));
  return { contentType: "application/octet-stream", content: undefined, length: file.size, open };
}

function isFile(content: string | Uint8Array | FileContent): content is FileContent {
  return typeof content === "object" && "file" in content;
}

function partHeaders({ name, fileName, contentType }: MultipartPart): string {
  const type = contentType ?? (fileName === undefined ? undefined : "application/octet-stream");
  if (type !== undefined && /[\r\n]/.test(type)) {
    throw new MillraceError("VALUE_INVALID", `expected the content type of part \`${name}\` to be one line`);
  }
  const file = fileName === undefined ? "" : `; filename="${escapeName(fileName)}"`;
  const disposition = `content-disposition: form-data; name="${escapeName(name)}"${file}`;
  return type === undefined ? disposition : `${disposition}\r\ncontent-type: ${type}`;
}

// As browsers do it, so that a name can neither end its quotes nor its line.
function escapeName(name: string): string {
  return name.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
