// Sends the answer of a handler: JSON, nothing, or a stream of text. It masks secrets on the way.
import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import type { RouteName } from "../../api/routes.ts";
import { maskSecretFields, type SecretRedactor } from "../../core/errors/secret-redactor.ts";
import { type FileStream, isFileStream } from "../file-stream.ts";
import { isTextStream, type TextStream } from "../text-stream.ts";

/** Answers whose own fields are named like secrets: a new token, and schemas of params. */
export const unmaskedKeys: ReadonlySet<RouteName> = new Set(["createToken", "showJob"]);

export function sendAnswer(
  reply: FastifyReply,
  name: RouteName,
  value: unknown,
  redactor: SecretRedactor,
): FastifyReply {
  if (value === null || value === undefined) return reply.code(204).send();
  if (isTextStream(value)) return sendText(reply, value, redactor);
  if (isFileStream(value)) return sendFile(reply, value);
  const shown = redactor.redact(value, { keys: !unmaskedKeys.has(name) });
  return reply.type("application/json; charset=utf-8").send(JSON.stringify(shown));
}

function sendFile(reply: FastifyReply, { fileName, contentType, size, bytes }: FileStream): FastifyReply {
  return reply
    .type(contentType)
    .header("content-disposition", `attachment; filename="${fileName}"`)
    .header("content-length", size)
    .send(Readable.from(bytes, { objectMode: false }));
}

function sendText(reply: FastifyReply, { fileName, chunks }: TextStream, redactor: SecretRedactor): FastifyReply {
  return reply
    .type("text/plain; charset=utf-8")
    .header("content-disposition", `attachment; filename="${fileName}"`)
    .send(Readable.from(redactLines(chunks, redactor), { objectMode: false, highWaterMark: 64 * 1_024 }));
}

// By whole lines, so that a secret is not missed because it lies across two chunks.
async function* redactLines(chunks: AsyncIterable<string>, redactor: SecretRedactor): AsyncGenerator<string> {
  const mask = (text: string): string => maskSecretFields(redactor.redactText(text));
  let rest = "";
  for await (const chunk of chunks) {
    const text = rest + chunk;
    const end = text.lastIndexOf("\n") + 1;
    rest = text.slice(end);
    // A line without an end must not fill the memory.
    if (rest.length > maxLineLength) {
      yield mask(rest);
      rest = "";
    }
    if (end > 0) yield mask(text.slice(0, end));
  }
  if (rest !== "") yield mask(rest);
}

const maxLineLength = 1_000_000;
