// What a mode asks of the way in which its rows are made, refused when a job is defined: it could be kept by no run.
import type { Check } from "../../core/dataset/check.ts";
import type { ConvertStep } from "../../core/dataset/convert-step.ts";
import type { DatasetOutput } from "../../core/dataset/dataset.ts";
import { type OptionPath, refusal } from "../../core/spec/parse-options.ts";
import { setsAside } from "../convert/convert-options.ts";
import { type EncryptedColumn, listEncrypted } from "../convert/encrypted-columns.ts";
import { isSameName } from "../convert/find-column.ts";
import { discardsRows } from "../schema-contract.ts";

/** How rows come about. */
export interface RowMaking {
  readonly output: DatasetOutput;
  /** Below the place that is named. */
  readonly outputPath: OptionPath;
  readonly checks: readonly Check[];
  readonly convert?: readonly ConvertStep[] | undefined;
  /** Whether the rows are files that are put elsewhere. */
  readonly areFiles?: boolean;
}

/** @throws MillraceError `JOB_INVALID` naming the option */
export function assertModeRows(where: string, making: RowMaking): void {
  assertStableValues(where, making);
  assertNoneSetAside(where, making);
  assertNoFiles(where, making);
}

/** An encrypted value is found by nobody, also not by the next run: its row would be there twice. */
function assertStableValues(where: string, { output, outputPath, checks, convert = [] }: RowMaking): void {
  const encrypted = listEncrypted(convert);
  if (encrypted.length === 0) return;
  const { key = [], by } = output;
  assertNone(where, [...outputPath, "key"], key, encrypted);
  assertNone(where, [...outputPath, "by"], by === undefined ? [] : [by], encrypted);
  for (const [index, { unique = [] }] of checks.entries()) {
    assertNone(where, ["checks", index, "unique"], unique, encrypted);
  }
  if (output.mode !== "scd2") return;
  const { ignore = [] } = output;
  const compared = encrypted.find(({ name }) => !ignore.some((other) => isSameName(other, name)));
  if (compared === undefined) return;
  const expected = `a list with \`${compared.name}\`, which step ${compared.step} (\`encrypt\`) gives another value each time`;
  throw refusal(where, [...outputPath, "ignore"], expected, output.ignore, {
    hint: `without it each run would begin a new version of each row; to notice that a value changes, add a hash of it under another name: \`mask: { … : "hash" }\``,
  });
}

function assertNone(
  where: string,
  path: OptionPath,
  names: readonly string[],
  encrypted: readonly EncryptedColumn[],
): void {
  for (const name of names) {
    const found = encrypted.find((column) => isSameName(column.name, name));
    if (found === undefined) continue;
    const expected = `without \`${name}\`, which step ${found.step} (\`encrypt\`) gives another value each time`;
    throw refusal(where, path, expected, name, {
      hint: `equal values get different texts; \`mask: { ${JSON.stringify(name)}: "hash" }\` gives equal ones the same`,
    });
  }
}

/** A row that is set aside is missing from those that are published, and is not gone. */
function assertNoneSetAside(where: string, { output, outputPath, checks, convert = [] }: RowMaking): void {
  if (output.absent !== "close") return;
  const isQuarantined = checks.some(({ severity }) => severity === "quarantine");
  if (!isQuarantined && !discardsRows(output.schema) && !setsAside(convert)) return;
  throw refusal(where, [...outputPath, "absent"], "`keep` where rows may be set aside", output.absent, {
    hint: 'the version of a row that is set aside would end as if it were gone; use `severity: "block"` and rules that fail, or `absent: "keep"`',
  });
}

/** A history refuses rows that are too old when it is written, and files are in their places by then. */
function assertNoFiles(where: string, { output, outputPath, areFiles = false }: RowMaking): void {
  if (output.mode !== "scd2" || !areFiles) return;
  throw refusal(where, [...outputPath, "mode"], "another one for a source of the format `file`", output.mode, {
    hint: "publish the files with the mode `merge`, and keep the history of that dataset in a second job",
  });
}
