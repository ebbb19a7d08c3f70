// Texts with variables, `{{token.access_token}}`: taken apart once, when a job is defined, so that a misspelt one is refused then.
import { MillraceError } from "../../core/errors/errors.ts";

/** `{{a.b}}`, or `{{a.b?}}` for one that may be absent. */
export interface TemplateVariable {
  /** Names from the outside in, such as `["page", "cursor"]`. */
  readonly path: readonly string[];
  readonly isOptional: boolean;
}

/** Texts and variables in their order; neighbouring texts are one. */
export type Template = readonly (string | TemplateVariable)[];

/**
 * Takes a text apart. `\{{` is a literal `{{`, for services that have such marks of their own.
 * @param where names the option for the message, such as `` `url` of `http` ``
 * @throws MillraceError `JOB_INVALID` for braces that are no variable
 */
export function parseTemplate(text: string, where: string): Template {
  const parts: (string | TemplateVariable)[] = [];
  let literal = "";
  for (let at = 0; at < text.length;) {
    if (text.startsWith(escapedOpening, at)) {
      literal += opening;
      at += escapedOpening.length;
    } else if (text.startsWith(opening, at)) {
      const match = variablePattern.exec(text.slice(at));
      if (match === null) throw notAVariable(text.slice(at), where);
      if (literal !== "") parts.push(literal);
      literal = "";
      parts.push({ path: (match[1] ?? "").split("."), isOptional: match[2] === "?" });
      at += match[0].length;
    } else {
      literal += text[at];
      at += 1;
    }
  }
  if (literal !== "" || parts.length === 0) parts.push(literal);
  return parts;
}

/** The variables of a template. */
export function listVariables(template: Template): readonly TemplateVariable[] {
  return template.filter((part) => typeof part !== "string");
}

/** As a person writes it. */
export function printVariable({ path, isOptional }: TemplateVariable): string {
  return `{{${path.join(".")}${isOptional ? "?" : ""}}}`;
}

const opening = "{{";
const escapedOpening = "\\{{";
const variablePattern = /^\{\{\s*([A-Za-z_][\w-]*(?:\.[\w-]+)*)(\??)\s*\}\}/;

function notAVariable(text: string, where: string): MillraceError {
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return new MillraceError(
    "JOB_INVALID",
    `expected a variable such as \`{{window.from}}\` in ${where}, got: \`${shown}\``,
    {
      hint: "write `\\{{` (in a TypeScript text `\\\\{{`) for braces that the service is to get as they are",
    },
  );
}
