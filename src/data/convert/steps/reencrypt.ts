// Encrypts anew what older keys have encrypted under the same name, so that those keys can go. A value that the newest key has encrypted
// stays as it is.
import { texts } from "../../../core/spec/option-values.ts";
import { defineSpec } from "../../../core/spec/spec.ts";
import type { StepKind } from "../convert-step.ts";
import { callForColumns } from "./encrypt.ts";

export interface ReencryptStep {
  readonly reencrypt: readonly string[];
}

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
