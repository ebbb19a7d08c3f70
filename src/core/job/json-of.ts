// Computes the type that a value has after a round trip through JSON, as results of jobs and steps make one.

/**
 * The type that a value comes back with: a date or bigint is text, a function is gone, and `undefined` is null unless it
 * is a field. @see toJson
 */
export type JsonOf<Value> = unknown extends Value
  ? unknown
  : Value extends string | number | boolean | null
    ? Value
    : Value extends bigint | Error
      ? string
      : Value extends undefined | symbol | ((...args: never[]) => unknown)
        ? null
        : Value extends { toJSON(...args: never[]): infer Written }
          ? JsonOf<Written>
          : Value extends object
            ? { [Key in keyof Value]: JsonField<Value[Key]> }
            : null;

/** A field that is `undefined` is not written at all; items of a list are fields of it, but never gone. */
type JsonField<Value> = Value extends undefined ? undefined : JsonOf<Value>;
