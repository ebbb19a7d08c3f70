// Requests that change something elsewhere, each written down before it is sent. A later attempt takes the answer that an earlier
// one got, and sends again only what was not carried out, or what the service can tell by its idempotency key.
import { createHash, randomUUID } from "node:crypto";
import type { HttpRequest, MultipartPart } from "../../connections/http/http-request.ts";
import type { HttpResponse } from "../../connections/http/http-response.ts";
import { maskAddress } from "../../connections/http/mask-address.ts";
import type { PlannedRequest, RequestAnswer, RequestLedger } from "../../core/connection/request-ledger.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { AnswerRecorder, toResponse } from "./recorded-answer.ts";

/** How requests are written down. */
export interface LedgerOptions {
  /** Header for the idempotency key. A name says that the service knows such keys. Default: `Idempotency-Key`, without saying so. */
  readonly key?: string | false;
  /** What to do with a request that may have been carried out. Default `resend` with a named `key`, else `ask`. */
  readonly unknown?: "ask" | "resend";
}

export interface JournalInput {
  readonly ledger: RequestLedger;
  /** Tells the requests from those of other sources in the run. */
  readonly dataset: string;
  readonly options: LedgerOptions;
  /** Headers of answers that are read, in lower case. */
  readonly keptHeaders: readonly string[];
  /** Masks secrets that are known. */
  readonly redact: (text: string) => string;
}

/** The requests of one source in one attempt. */
export class RequestJournal {
  readonly #input: JournalInput;

  constructor(input: JournalInput) {
    this.#input = input;
  }

  /** Whether an earlier attempt, or this one, may have had the request of that name carried out. */
  async has(name: string): Promise<boolean> {
    const { ledger, dataset } = this.#input;
    const found = await ledger.findRequest(`${dataset}, ${name}`);
    return found !== undefined && found.state !== "planned";
  }

  /**
   * Writes the request down.
   * @param name the same in all attempts, such as `batch 2`
   * @throws MillraceError `REQUEST_UNRESOLVED` when it may have been carried out and nobody has said whether, `REQUEST_CHANGED` when
   * an earlier attempt has sent another one under the name
   */
  async open(request: HttpRequest, name: string): Promise<JournalEntry> {
    const { ledger, dataset, options, redact } = this.#input;
    const address = redact(maskAddress(request.url, request.secretParameters));
    const fingerprint = toFingerprint(request, redact);
    const { method } = request;
    const plan = { name: `${dataset}, ${name}`, idempotencyKey: randomUUID(), fingerprint, method, address };
    const planned = await ledger.planRequest(plan);
    if (planned.fingerprint !== fingerprint) throw changed(planned);
    const entry = new JournalEntry(this.#input, planned, withKey(request, planned.idempotencyKey, options));
    await entry.assertKnown();
    return entry;
  }
}

/** One request of the journal. */
export class JournalEntry {
  /** With its idempotency key. */
  readonly request: HttpRequest;
  /** The answer that an earlier attempt got; `given up` when a person has said that the request was carried out. */
  readonly adopted: HttpResponse | "given up" | undefined;
  readonly #input: JournalInput;
  readonly #name: string;
  #recorder: AnswerRecorder | undefined;
  #answer: RequestAnswer | undefined;
  #unread: RequestAnswer | undefined;
  #mayBeDone: boolean;

  constructor(input: JournalInput, { name, state, answer }: PlannedRequest, request: HttpRequest) {
    this.#input = input;
    this.#name = name;
    this.request = request;
    const isKept = state === "answered" && answer?.body !== undefined;
    if (isKept) this.adopted = toResponse(request, answer);
    else if (state === "answered" && answer === undefined) this.adopted = "given up";
    this.#mayBeDone = this.adopted === undefined && state !== "planned";
  }

  /** @throws MillraceError `REQUEST_UNRESOLVED` unless it may be sent, or has its answer */
  async assertKnown(): Promise<void> {
    if (this.#mayBeDone && !mayResend(this.#input.options)) await this.#ask();
  }

  /** To be called right before each time that it leaves; it must not leave when this throws. */
  async beforeSend(): Promise<void> {
    await this.#input.ledger.changeRequest(this.#name, { state: "sent" });
    this.#mayBeDone = true;
  }

  /** The answer, whose body is kept while it is read. */
  record(response: HttpResponse): HttpResponse {
    this.#recorder = new AnswerRecorder(response);
    return this.#recorder.response;
  }

  /** Reads what is left of the answer, once it is known to be one. */
  async received(): Promise<void> {
    const { keptHeaders, redact } = this.#input;
    this.#answer = await this.#recorder?.finish(keptHeaders, redact);
  }

  /** Reads what is left of an answer whose reading failed with the error. */
  async unreadable(error: unknown): Promise<void> {
    if (!isAboutReading(error)) return;
    const { keptHeaders, redact } = this.#input;
    // half an answer is none
    this.#unread = await this.#recorder?.finish(keptHeaders, redact).catch(() => undefined);
  }

  /** Keeps the answer for later attempts. When this throws, its rows were read already, and it is no use to send again. */
  async answered(): Promise<void> {
    if (this.#answer === undefined) return;
    await this.#input.ledger.changeRequest(this.#name, { state: "answered", answer: this.#answer });
  }

  /**
   * Looks at what went wrong with it, and resolves when it may be sent again.
   * @throws MillraceError `REQUEST_UNRESOLVED` when it may have been carried out, and must not be sent again; the error itself when
   * it was answered and the answer, which is kept, could not be read
   */
  async failed(error: unknown): Promise<void> {
    if (!this.#mayBeDone) return;
    if (this.#unread?.body !== undefined) {
      await this.#input.ledger.changeRequest(this.#name, { state: "answered", answer: this.#unread });
      throw this.explain(error, this.#unread);
    }
    if (isUndone(error)) {
      await this.#input.ledger.changeRequest(this.#name, { state: "planned", ...toStatus(error) });
      this.#mayBeDone = false;
    } else if (!mayResend(this.#input.options)) await this.#ask(error);
  }

  /** What reading the answer failed with, so that nobody takes it for a request that was not carried out. */
  explain(error: unknown, { status }: Pick<RequestAnswer, "status">): unknown {
    if (!isAboutReading(error)) return error;
    const message = `\`${this.#name}\` was sent, and it answered ${status}; its answer could not be read: ${error.message}`;
    const again = "a retry of the run reads the same answer again and sends nothing";
    return new MillraceError(error.code, message, {
      cause: error,
      hint: error.hint === undefined ? again : `${error.hint}; ${again}`,
    });
  }

  async #ask(cause?: unknown): Promise<never> {
    await this.#input.ledger.changeRequest(this.#name, { state: "unknown", ...toStatus(cause) });
    const why = cause instanceof Error ? `: ${cause.message}` : "";
    const message = `\`${this.#name}\` was sent, and nobody knows whether the service has carried it out${why}`;
    throw new MillraceError("REQUEST_UNRESOLVED", message, {
      ...(cause === undefined ? {} : { cause }),
      hint: "look there, say what became of it with `millrace requests resolve`, and retry the run; a service that knows idempotency keys is asked again when `ledger.key` names their header",
    });
  }
}

/** Whether requests of the source are written down. @param effect what its requests do, where the job says so */
export function needsLedger(
  { method = "GET", ledger, retry }: SentOptions,
  effect: "reads" | "writes" | undefined,
): boolean {
  if (ledger !== undefined) return ledger !== false;
  if (effect !== undefined) return effect === "writes";
  // whoever says that it may be sent again says that it does no harm
  return ["POST", "PATCH"].includes(method) && retry?.resend !== true;
}

interface SentOptions {
  readonly method?: string;
  readonly ledger?: LedgerOptions | false;
  readonly retry?: { readonly resend?: boolean };
}

function mayResend({ key, unknown }: LedgerOptions): boolean {
  return (unknown ?? (typeof key === "string" ? "resend" : "ask")) === "resend";
}

function withKey(request: HttpRequest, value: string, { key = "Idempotency-Key" }: LedgerOptions): HttpRequest {
  if (key === false) return request;
  // a key of the job's own stays
  return { ...request, headers: { [key.toLowerCase()]: value, ...request.headers } };
}

/** Secrets, which change from attempt to attempt, are no part of it. */
function toFingerprint({ method, url, body }: HttpRequest, redact: (text: string) => string): string {
  const hash = createHash("sha256").update(`${method} ${redact(url)}\n`);
  if (body !== undefined && "raw" in body && typeof body.raw === "string") hash.update(redact(body.raw));
  if (body !== undefined && "multipart" in body) hash.update(redact(JSON.stringify(body.multipart.map(toKnown))));
  if (body !== undefined && "file" in body) hash.update(body.file.sha256);
  return hash.digest("hex");
}

/** A file is its bytes, wherever the attempt has its copy. */
function toKnown(part: MultipartPart): object {
  const { content } = part;
  return typeof content === "object" && "file" in content ? { ...part, content: content.sha256 } : part;
}

/** Whether the service has said that it did nothing, or the request never left. */
function isUndone(error: unknown): boolean {
  if (!(error instanceof MillraceError)) return false;
  const { status } = toStatus(error);
  if (status !== undefined) return status < 500 && status !== 408;
  const { code } = { code: undefined, ...error.details };
  return undoneCodes.has(error.code) || (typeof code === "string" && unreachedCodes.has(code));
}

/** The status of an answer that was none. */
function toStatus(error: unknown): { readonly status?: number } {
  const status = error instanceof MillraceError ? error.details?.["status"] : undefined;
  return typeof status === "number" ? { status } : {};
}

/** Whether an answer came, and is not what `read` of the source says. Whatever else went wrong may be gone when it is sent again. */
function isAboutReading(error: unknown): error is MillraceError {
  return error instanceof MillraceError && error.code === "SOURCE_UNREADABLE" && toStatus(error).status === undefined;
}

const undoneCodes: ReadonlySet<string> = new Set([
  "AUTHENTICATION_FAILED",
  "CERTIFICATE_INVALID",
  "CONNECTION_BLOCKED",
  "EXCHANGE_MISSING",
  "SOURCE_PENDING",
  "TLS_FAILED",
  "VALUE_INVALID",
]);

/** No connection, so no request. */
const unreachedCodes: ReadonlySet<string> = new Set([
  "EAI_AGAIN",
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "UND_ERR_CONNECT_TIMEOUT",
]);

function changed({ name, state }: PlannedRequest): MillraceError {
  const before = state === "answered" ? "was carried out" : "may have been carried out";
  return new MillraceError("REQUEST_CHANGED", `\`${name}\` ${before} with other content than it has now`, {
    hint: "the job, its params or the rows that it sends changed between two attempts; start a new run for the new content",
  });
}
