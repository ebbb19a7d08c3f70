// Defines the body of an answer that refuses a request. @see RFC 9457

/** Content type `application/problem+json`. */
export interface Problem {
  /** `https://millrace.dev/errors#<code>` is not fetched by anybody: it only identifies. */
  readonly type: string;
  /** One of the codes of docs/reference/errors.md. */
  readonly code: string;
  /** The HTTP status. */
  readonly status: number;
  readonly title: string;
  /** What is wrong, in one line. */
  readonly detail: string;
  /** What to do. */
  readonly hint?: string;
  /** With 409: what is allowed in the state it is in. */
  readonly allowed?: readonly string[];
  /** With 400: where in the request. */
  readonly issues?: readonly { readonly path: string; readonly message: string }[];
  readonly request_id: string;
}
