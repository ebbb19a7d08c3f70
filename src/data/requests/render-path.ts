// A path with variables: none of them may lead it to another place than the job means.
import type { Variables } from "../../core/dataset/variables.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { parseTemplate, printVariable } from "./template.ts";
import { findVariable, renderText } from "./variables.ts";

/**
 * @returns `undefined` when an optional variable in it is absent
 * @throws MillraceError `VARIABLE_UNRESOLVED` for a required one, and for a value that is no part of a path
 */
export function renderPath(text: string, variables: Variables, where: string): string | undefined {
  return renderText(parseTemplate(text, where), variables, where, (value, variable) => {
    if (isPartOfPath(value)) return value;
    const name = printVariable(variable);
    throw new MillraceError("VARIABLE_UNRESOLVED", `expected variable \`${name}\` in ${where} to be a part of a path`, {
      hint: "an empty value, or one with `..`, names another place than is meant",
    });
  });
}

/**
 * A text that is one variable and nothing else, where that stands for a list: each item is a path as it is, and no pattern.
 * @returns `undefined` where the text is anything else
 * @throws MillraceError `VARIABLE_UNRESOLVED` for a list that is empty, or has something else in it than paths
 */
export function renderPathList(text: string, variables: Variables, where: string): readonly string[] | undefined {
  const [variable, ...others] = parseTemplate(text, where);
  if (variable === undefined || typeof variable === "string" || others.length > 0) return undefined;
  const value = findVariable(variable, variables, where);
  if (!Array.isArray(value)) return undefined;
  const paths = value.filter((item): item is string => typeof item === "string" && isPartOfPath(item));
  if (paths.length > 0 && paths.length === value.length) return paths;
  const wrong = value.findIndex((item) => typeof item !== "string" || !isPartOfPath(item));
  const got = value.length === 0 ? "an empty list" : `another value at \`[${wrong}]\``;
  throw new MillraceError(
    "VARIABLE_UNRESOLVED",
    `expected variable \`${printVariable(variable)}\` in ${where} to be a path or a list of paths, got: ${got}`,
    { hint: "each item is a text that is not empty, without `..`, and names one file" },
  );
}

/** An empty value, or one with `..`, names another place than is meant. */
function isPartOfPath(value: string): boolean {
  return value !== "" && !value.split("/").includes("..") && !value.includes("\0");
}
