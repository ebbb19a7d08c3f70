// The contract of everything that can be done with rows on their way into a dataset. Each kind of step has a file in `steps/`,
// and `steps/steps.ts` has one line for it; nothing else names it.
import type { Column, EngineSession } from "../../compute/engine.ts";
import type { SealedFields } from "../../connections/registry/field-cipher.ts";
import type { OptionPath } from "../../core/spec/parse-options.ts";
import type { Spec } from "../../core/spec/spec.ts";
import type { ColumnOrigin } from "./lineage.ts";

/**
 * A kind of step.
 * @typeParam Declared what a job says of such a step: the option with the kind's name, and others that go with it
 */
export interface StepKind<Declared extends object = object> {
  /** The option that chooses the kind; also the name of its export in `steps/steps.ts`. */
  readonly name: string;
  /** What it does with rows, for the docs, such as `leaves rows out`. */
  readonly summary: string;
  readonly options: Spec<Declared>;
  /** Whether each row that comes out is one that went in, so that what is known of its unit stays known. Default: no. */
  readonly keepsRows?: boolean;
  /** Whether it may do anything at all with the rows, also make some out of none. Default: no. */
  readonly isOpaque?: boolean;
  /**
   * Looks at what no option can tell by itself when a job is defined.
   * @throws MillraceError `JOB_INVALID` naming the option
   */
  assertOptions?(where: string, path: OptionPath, step: Declared): void;
  /** Texts of the step that may have variables, with the path to each. */
  texts?(step: Declared): readonly { readonly text: string; readonly path: OptionPath }[];
  /** What of the step is SQL, as selects: they may read `source` and the inputs of the job, and nothing else. */
  selects?(step: Declared): readonly string[];
  /** RE2 patterns of the step. */
  patterns?(step: Declared): readonly string[];
  /** Whether values are hidden, so that no row may be set aside before. Default: no. */
  readonly hides?: boolean;
  /** Columns that get values which are others each time. */
  encrypts?(step: Declared): readonly string[];
  /** Columns behind the step that have the values of a column before it, or are made of them. Default: the one of its name. */
  carries?(step: Declared, column: string): readonly string[];
  /** Whether rows may be set aside. */
  setsAside?(step: Declared): boolean;
  /**
   * The step as SQL over the relation `source`, which has `input.columns`. No row is read, unless the step can only be done by
   * reading all of them.
   * @throws MillraceError `SCHEMA_MISMATCH` naming the step and the column
   */
  plan(step: Declared, input: StepInput): StepPlan | Promise<StepPlan>;
}

/** What a step has to work with. */
export interface StepInput {
  /** Names the step in messages: ``step 2 (`cast`)``. */
  readonly where: string;
  /** Columns of the rows before the step. */
  readonly columns: readonly Column[];
  /** The rows before the step as one `select`. */
  readonly sql: string;
  readonly session: EngineSession;
  readonly signal: AbortSignal;
  /** Encrypts and decrypts values. @throws MillraceError `CONFIG_INVALID` where there is no key */
  readonly cipher: () => SealedFields;
  /** SQL of what a text with variables stands for in a row. */
  valueOf(text: string): Promise<string>;
  /** Folder of this step for what it must write; made by whoever writes. */
  readonly spool: string;
}

/** A column of the rows behind a step. */
export interface PlannedColumn extends ColumnOrigin {
  readonly name: string;
  /** SQL over a row of `source`. */
  readonly sql: string;
}

/** A rule that rows break which are set aside. */
export interface AsideRule {
  /** SQL over a row of `source`, never NULL. */
  readonly breaks: string;
  readonly reason: string;
}

export type StepPlan =
  /** Columns out of rows. */
  | {
      readonly columns: readonly PlannedColumn[];
      /** What stands behind `FROM`. Default: `source`. */
      readonly from?: string;
      /** What stands behind it, such as `WHERE …`. */
      readonly tail?: string;
      /** Rows that break one are set aside, as they are before the step. */
      readonly aside?: readonly AsideRule[];
    }
  /** Any `select` over `source`. @property origins of its columns by name, where they are known */
  | { readonly select: string; readonly origins?: ReadonlyMap<string, ColumnOrigin> }
  /** Rows that were written anew. */
  | { readonly rows: string };
