// A path with variables: none of them may lead it to another place than the job means.
import type { Variables } from "../../core/dataset/variables.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { parseTemplate, printVariable } from "./template.ts";
import { renderText } from "./variables.ts";

/**
 * @returns `undefined` when an optional variable in it is absent
 * @throws MillraceError `VARIABLE_UNRESOLVED` for a required one, and for a value that is no part of a path
 */
export function renderPath(text: string, variables: Variables, where: string): string | undefined {
  return renderText(parseTemplate(text, where), variables, where, (value, variable) => {
    if (value !== "" && !value.split("/").includes("..") && !value.includes("\0")) return value;
    const name = printVariable(variable);
    throw new MillraceError("VARIABLE_UNRESOLVED", `expected variable \`${name}\` in ${where} to be a part of a path`, {
      hint: "an empty value, or one with `..`, names another place than is meant",
    });
  });
}
