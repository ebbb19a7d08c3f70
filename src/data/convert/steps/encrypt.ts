// Encrypts values of columns, so that only a job with the same key can read them; also anew, where there are several keys.
import { parseEngineType } from "../../../compute/engine-type.ts";
import { type Column, quoteIdentifier } from "../../../compute/engine.ts";
import { texts } from "../../../core/spec/option-values.ts";
import { defineSpec } from "../../../core/spec/spec.ts";
import type { PlannedColumn, StepInput, StepKind } from "../convert-step.ts";
import { findColumns, replaceColumns } from "../find-column.ts";

export interface EncryptStep {
  readonly encrypt: readonly string[];
}

export const encrypt: StepKind<EncryptStep> = {
  name: "encrypt",
  summary: "encrypts values",
  options: defineSpec<EncryptStep>()(() => ({
    encrypt: texts("columns").describe(
      "columns whose values are encrypted (AES-256-GCM) under the project's key; they become texts, NULL stays NULL",
    ),
  })),
  keepsRows: true,
  hides: true,
  encrypts: ({ encrypt: names }) => names,
  async plan({ encrypt: names }, input) {
    const cipher = input.cipher();
    return await callForColumns(names, input, (text, column) => cipher.seal(text, column));
  },
};

export interface ReencryptStep {
  readonly reencrypt: readonly string[];
}

/** What older keys have encrypted gets under the newest one, so that those keys can go. */
export const reencrypt: StepKind<ReencryptStep> = {
  name: "reencrypt",
  summary: "encrypts values anew with the newest key",
  options: defineSpec<ReencryptStep>()(() => ({
    reencrypt: texts("columns").describe(
      "columns that were encrypted under these names, with whichever of the project's keys; values of the newest key stay as they are",
    ),
  })),
  keepsRows: true,
  hides: true,
  async plan({ reencrypt: names }, input) {
    const cipher = input.cipher();
    return await callForColumns(names, input, (sealed, column) => cipher.renew(sealed, column));
  },
};

/** Columns whose texts a function of this process changes. */
export async function callForColumns(
  names: readonly string[],
  input: StepInput,
  change: (text: string, column: string) => string,
): Promise<{ readonly columns: readonly PlannedColumn[] }> {
  const changed: PlannedColumn[] = [];
  for (const column of findColumns(names, input)) {
    const { name } = column;
    const call = await input.session.defineFunction((text) => change(text, name));
    changed.push({ name, sql: call(asText(column)), from: [name] });
  }
  return { columns: replaceColumns(input.columns, changed) };
}

/** Objects and lists as JSON, which can be read again. */
function asText({ name, type }: Column): string {
  const column = quoteIdentifier(name);
  return parseEngineType(type).kind === "scalar" ? `CAST(${column} AS VARCHAR)` : `CAST(to_json(${column}) AS VARCHAR)`;
}
