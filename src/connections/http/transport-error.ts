// What goes wrong between a request and the last byte of its answer, as MillraceErrors. Messages have the address without
// secrets and never a byte of the answer: parsers of HTTP and of compressed data attach what they choked on.
import { classifyError } from "../../core/errors/classify-error.ts";
import type { ErrorCode } from "../../core/errors/error-codes.ts";
import { MillraceError, type MillraceErrorOptions } from "../../core/errors/errors.ts";

/** How far the exchange had come. */
export type ExchangeStage = "headers" | "body";

interface Trouble extends Pick<MillraceErrorOptions, "hint"> {
  readonly code: ErrorCode;
  readonly text: string;
}

/** @param exchange method and masked address, such as `GET https://api.example.com/v1/users` */
export function toTransportError(thrown: unknown, exchange: string, stage: ExchangeStage): MillraceError {
  if (thrown instanceof MillraceError) return thrown;
  const code = codeOf(thrown);
  const { code: errorCode, text, hint } = describe(thrown, code, stage);
  return new MillraceError(errorCode, `${exchange}: ${text}`, {
    details: { stage, ...(code === undefined ? {} : { code }) },
    ...(hint === undefined ? {} : { hint }),
  });
}

function describe(thrown: unknown, code: string | undefined, stage: ExchangeStage): Trouble {
  const known = code === undefined ? undefined : troubles[code];
  if (known !== undefined) return known;
  if (thrown instanceof Error && thrown.name === "HTTPParserError") return describeParserError(thrown);
  if (code === "Z_BUF_ERROR") return { code: "RESPONSE_TRUNCATED", text: "the compressed body ends too early" };
  if (code !== undefined && /^(?:Z_|ERR__ERROR_FORMAT|ZSTD_error)/.test(code)) return corrupt;
  const { code: errorCode, hint, errorClass } = classifyError(thrown);
  if (errorCode === "CERTIFICATE_INVALID") {
    return { code: errorCode, text: `the certificate is not accepted (${code ?? "unknown"})`, ...hintOf(hint) };
  }
  if (code !== undefined && /^(?:ERR_SSL_|ERR_TLS_|EPROTO)/.test(code))
    return { ...tlsFailed, text: `no TLS connection (${code})` };
  if (stage === "body") return { code: "RESPONSE_TRUNCATED", text: `the body ended too early (${code ?? "closed"})` };
  if (errorClass === "network_timeout") return { code: "CONNECTION_FAILED", text: `no answer (${code ?? "closed"})` };
  // What is read to be sent may be missing, for example.
  return { code: errorCode, text: `the request could not be sent (${code ?? nameOf(thrown)})`, ...hintOf(hint) };
}

// The parser notices a chunked body without its last chunk only when the connection ends.
function describeParserError(error: Error): Trouble {
  return error.message.includes("Invalid EOF state")
    ? { code: "RESPONSE_TRUNCATED", text: "the connection ended before the last chunk of the body" }
    : {
        code: "FORMAT_INVALID",
        text: "the answer is not HTTP",
        hint: "compare scheme and port with the service's documentation",
      };
}

const corrupt: Trouble = {
  code: "FORMAT_INVALID",
  text: "the compressed body is corrupt",
  hint: "ask whoever runs the service, or send `accept-encoding: identity`",
};

const tlsFailed: Trouble = {
  code: "TLS_FAILED",
  text: "no TLS connection",
  hint: "compare scheme, port and client certificate with the service's documentation",
};

const invalidRequest: Trouble = {
  code: "VALUE_INVALID",
  text: "the request has a header, method or body that HTTP does not allow",
  hint: "look for line ends and control characters in what headers are made of",
};

const cutShort: Trouble = { code: "RESPONSE_TRUNCATED", text: "the body has not the length that was announced" };

const troubles: Readonly<Record<string, Trouble>> = {
  UND_ERR_CONNECT_TIMEOUT: { code: "CONNECTION_FAILED", text: "no connection in time" },
  UND_ERR_HEADERS_TIMEOUT: { code: "CONNECTION_FAILED", text: "no answer in time" },
  UND_ERR_BODY_TIMEOUT: { code: "RESPONSE_TRUNCATED", text: "the body stopped coming" },
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: cutShort,
  UND_ERR_HEADERS_OVERFLOW: { code: "RESPONSE_TOO_LARGE", text: "the headers of the answer are too large" },
  UND_ERR_INVALID_ARG: invalidRequest,
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: {
    ...invalidRequest,
    text: "the body has not the length of its `content-length`",
  },
};

function codeOf(thrown: unknown): string | undefined {
  let current = thrown;
  for (let depth = 0; depth < 5 && current instanceof Error; depth += 1) {
    if ("code" in current && typeof current.code === "string") return current.code;
    current = current.cause;
  }
  return undefined;
}

function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : typeof thrown;
}

function hintOf(hint: string | undefined): Pick<Trouble, "hint"> {
  return hint === undefined ? {} : { hint };
}
