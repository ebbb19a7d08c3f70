// The values that `{{…}}` in a source stands for.

/** What JSON can hold, and whole numbers of any size. */
export type VariableValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly VariableValue[]
  | { readonly [name: string]: VariableValue | undefined };

/** Values by scope, such as `window`, `params` or the name of an input, and below it by name. */
export type Variables = Readonly<Record<string, VariableValue | undefined>>;
