// Decrypts what a step `encrypt` has encrypted under the same name.
import { texts } from "../../../core/spec/option-values.ts";
import { defineSpec } from "../../../core/spec/spec.ts";
import type { StepKind } from "../convert-step.ts";
import { isSameName } from "../find-column.ts";
import { callForColumns } from "./encrypt.ts";

export interface DecryptStep {
  readonly decrypt: readonly string[];
}

export const decrypt: StepKind<DecryptStep> = {
  name: "decrypt",
  summary: "decrypts values",
  options: defineSpec<DecryptStep>()(() => ({
    decrypt: texts("columns").describe(
      "columns that were encrypted under these names; their values are texts, which `cast` makes what they were",
    ),
  })),
  keepsRows: true,
  carries: ({ decrypt: names }, column) => (names.some((name) => isSameName(name, column)) ? [] : [column]),
  async plan({ decrypt: names }, input) {
    const cipher = input.cipher();
    return await callForColumns(names, input, (sealed, column) => cipher.open(sealed, column));
  },
};
