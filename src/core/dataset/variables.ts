// The values that `{{…}}` in a source stands for.

/** A number as its digits, `12.50`, which a double might not hold. In JSON it is a number with these digits, elsewhere their text. */
export class ExactNumber {
  readonly digits: string;

  constructor(digits: string) {
    this.digits = digits;
  }

  toString(): string {
    return this.digits;
  }
}

/** What JSON can hold, and numbers of any size and precision. */
export type VariableValue =
  | null
  | boolean
  | number
  | bigint
  | ExactNumber
  | string
  | readonly VariableValue[]
  | { readonly [name: string]: VariableValue | undefined };

/** Values by scope, such as `window`, `params` or the name of an input, and below it by name. */
export type Variables = Readonly<Record<string, VariableValue | undefined>>;
