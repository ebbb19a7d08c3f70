// Defines how a run writes down requests that change something elsewhere, before it sends them, so that no attempt sends one again
// that may have been carried out. No body of a request is kept, only what tells it from another one.

/**
 * `planned`: not sent, or the service has said that it did nothing. `sent`: on its way, and without an answer so far. `answered`:
 * carried out. `unknown`: sent, and nobody knows what became of it; a person has to say.
 */
export type RequestState = (typeof requestStates)[number];

export const requestStates = ["planned", "sent", "answered", "unknown"] as const;

export interface RequestPlan {
  /** Identifies the request among those of the run, such as `orders, batch 2`. */
  readonly name: string;
  /** Sent with it, so that a service which knows such keys does it once. The first one stays. */
  readonly idempotencyKey: string;
  /** Equal for equal requests. */
  readonly fingerprint: string;
  readonly method: string;
  /** Without secrets. */
  readonly address: string;
}

/** What a later attempt needs in order not to send the request again. */
export interface RequestAnswer {
  readonly status: number;
  /** Those that are read, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** Compressed by gzip, in base64; `undefined` where it was too large to be kept. */
  readonly body: string | undefined;
}

export interface PlannedRequest extends RequestPlan {
  readonly state: RequestState;
  /** How often it was sent. */
  readonly sends: number;
  /** Of an `answered` one; `undefined` when a person has said that it was carried out. */
  readonly answer: RequestAnswer | undefined;
}

/** What became of a request. */
export type RequestChange =
  | { readonly state: "sent" }
  /** With the status of an answer that was none; without one, the status that is known stays. */
  | { readonly state: "planned" | "unknown"; readonly status?: number }
  | { readonly state: "answered"; readonly answer: RequestAnswer };

/** The requests of one run. Writes are durable when they resolve. */
export interface RequestLedger {
  /** Writes the request down, or finds it; one that is still planned takes the new fingerprint. @throws MillraceError `RUN_LOST` */
  planRequest(plan: RequestPlan): Promise<PlannedRequest>;
  /** One that was written down, by an earlier attempt or by this one. */
  findRequest(name: string): Promise<PlannedRequest | undefined>;
  /** @throws MillraceError `RUN_LOST`, and then it must not be sent */
  changeRequest(name: string, change: RequestChange): Promise<void>;
}
