// Which options of an output go with its mode, and what they may say together.
import type { DatasetOutput, WriteMode } from "../../core/dataset/dataset.ts";
import { type OptionPath, refusal } from "../../core/spec/parse-options.ts";
import { listStampNames, needsKey } from "./row-rule.ts";

/** Options that one mode alone has. */
const ownOptions = {
  by: "delete_insert",
  moment: "snapshot",
  validFrom: "scd2",
  validTo: "scd2",
  ignore: "scd2",
  absent: "scd2",
} as const satisfies Partial<Record<keyof DatasetOutput, WriteMode>>;

/** @param path to the output, below `where` @throws MillraceError `JOB_INVALID` naming the option */
export function assertModeOptions(where: string, path: OptionPath, output: DatasetOutput): void {
  const { mode = "replace", key } = output;
  if (needsKey(mode) && key === undefined) {
    throw refusal(where, [...path, "key"], `the columns that identify a row, for mode \`${mode}\``, key, {
      hint: 'for example `key: ["id"]`',
    });
  }
  for (const [option, owner] of Object.entries(ownOptions)) {
    const value = output[option as keyof typeof ownOptions];
    if (value === undefined || mode === owner) continue;
    throw refusal(where, [...path, option], `left out for mode \`${mode}\``, value, {
      hint: `it is an option of the mode \`${owner}\``,
    });
  }
  if (mode === "delete_insert" && output.by === undefined) {
    throw refusal(where, [...path, "by"], "the column that says which window a row belongs to", output.by, {
      hint: 'for example `by: "day"`',
    });
  }
  assertStampNames(where, path, output);
}

/** Names are the same in upper and lower case, as in targets. */
function assertStampNames(where: string, path: OptionPath, output: DatasetOutput): void {
  const taken = new Set([...(output.key ?? []), ...(output.ignore ?? [])].map((name) => name.toLowerCase()));
  const options = output.mode === "scd2" ? ["validFrom", "validTo"] : ["moment"];
  for (const [index, name] of listStampNames(output).entries()) {
    if (taken.has(name.toLowerCase())) {
      throw refusal(where, [...path, options[index] ?? ""], "the name of a column that no other option names", name);
    }
    taken.add(name.toLowerCase());
  }
}
