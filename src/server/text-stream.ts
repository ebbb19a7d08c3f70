// An answer that is text of any length, written as it is read: the server sends its chunks with back-pressure and never
// holds the whole.

export interface TextStream {
  readonly kind: "text_stream";
  /** Proposed to whoever saves it; letters, digits, `-`, `_` and `.` only. */
  readonly fileName: string;
  /** Stops reading when the client is gone: its iterator is returned. */
  readonly chunks: AsyncIterable<string>;
}

/** Tells whether a handler answered with a stream. */
export function isTextStream(value: unknown): value is TextStream {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "text_stream";
}
