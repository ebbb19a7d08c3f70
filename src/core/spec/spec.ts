// The spec of a component: one zod object, from which follow its refusals, its defaults, its table in the docs and its JSON Schema.
import { z } from "zod";

/** What may be written for a component, and what is read from it once defaults are filled in. */
export interface Spec<Options = unknown, Filled = Options> {
  /** Made at the first use, because most commands need few specs. */
  readonly schema: z.ZodType<Filled, Options>;
  readonly shape: z.core.$ZodLooseShape;
}

/**
 * Defines the spec of the options of type `Options`. The compiler refuses an option that only one of the two knows, or that
 * has another type or is optional in one of them alone:
 * `defineSpec<JsonOptions>()(() => ({ rows: optional(text()).describe("…") }))`.
 * Where the options have several forms, the spec has those of all forms; the component looks at which go together.
 * @param base the spec of options that these come on top of
 */
export function defineSpec<Options, Base = unknown, FilledBase = Base>(
  base?: Spec<Base, FilledBase>,
): <Shape extends z.ZodRawShape>(
  shape: () => Shape & Matching<AnyForm<Options>, Shape>,
) => Spec<Options & Base, Filled<Options, Shape> & FilledBase> {
  return (shape) => new LazySpec(() => ({ ...base?.shape, ...shape() }));
}

class LazySpec<Options, Filling> implements Spec<Options, Filling> {
  readonly #shape: () => z.ZodRawShape;
  #made: z.ZodObject | undefined;

  constructor(shape: () => z.ZodRawShape) {
    this.#shape = shape;
  }

  get schema(): z.ZodType<Filling, Options> {
    // `Matching` has compared the two types.
    return this.#make() as unknown as z.ZodType<Filling, Options>;
  }

  get shape(): z.core.$ZodLooseShape {
    return this.#make().shape;
  }

  #make(): z.ZodObject {
    this.#made ??= z.strictObject(this.#shape());
    return this.#made;
  }
}

/** `Options` whose defaults are filled in. */
export type Filled<Options, Shape> = Options & {
  readonly [Name in keyof Shape as undefined extends z.output<Shape[Name]> ? never : Name]: z.output<Shape[Name]>;
};

type OptionIn<Form, Name> = Form extends unknown ? (Name extends keyof Form ? Form[Name] : never) : never;

type NameIn<Form> = Form extends unknown ? keyof Form : never;

type IsNeeded<Form, Name> = Name extends keyof Form ? (undefined extends Form[Name] ? false : true) : false;

/** The options of several forms in one. */
type AnyForm<Form> = {
  readonly [Name in NameIn<Form> as IsNeeded<Form, Name> extends true ? Name : never]: OptionIn<Form, Name>;
} & {
  readonly [Name in NameIn<Form> as IsNeeded<Form, Name> extends true ? never : Name]?: OptionIn<Form, Name>;
};

/** What is wrong with an option, as the type that it would need to have. */
type Matching<Options, Shape> = {
  readonly [Name in keyof Options | keyof Shape]: Name extends keyof Shape
    ? Name extends keyof Options
      ? Same<Options[Name], z.input<Shape[Name]>>
      : "the type of the options lacks this one"
    : z.ZodType;
};

type Same<Typed, Specified> = [Plain<Typed>] extends [Plain<Specified>]
  ? [Plain<Specified>] extends [Plain<Typed>]
    ? unknown
    : "the spec allows more than the type"
  : "the type allows more than the spec";

// zod lets options be `undefined` where the types let them be left out, and knows no lists that cannot be changed.
type Plain<Value> = Value extends z.ZodType | ((...given: never[]) => unknown)
  ? Value
  : Value extends readonly (infer Item)[]
    ? readonly Plain<Item>[]
    : Value extends object
      ? { readonly [Name in keyof Value]: Plain<Exclude<Value[Name], undefined>> }
      : Value;
