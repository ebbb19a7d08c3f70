// What is said of one request: its values and its body.
import { z } from "zod";
import { expecting, optional } from "../../core/spec/option-notes.ts";
import { text } from "../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import type { TemplateValue } from "./request-body.ts";

/** Exactly one kind. */
export interface HttpSourceBody {
  readonly json?: TemplateValue;
  readonly form?: Readonly<Record<string, TemplateValue>>;
  readonly text?: string;
  readonly multipart?: readonly HttpSourcePart[];
}

/** A part of a multipart form. */
export interface HttpSourcePart {
  readonly name: string;
  readonly text: string;
  /** Makes the part a file. */
  readonly fileName?: string;
  /** Default: none for a text, `application/octet-stream` for a file. */
  readonly contentType?: string;
}

type Values = Readonly<Record<string, TemplateValue>>;

/** Values of parameters and fields. */
export const values = (): z.ZodType<Values, Values> =>
  expecting(
    "an object of texts, numbers, true, false or lists of them",
    // what is below is looked at when the request is taken apart
    z.record(z.string(), z.unknown()) as unknown as z.ZodType<Values, Values>,
  );

export const bodySpec: Spec<HttpSourceBody> = defineSpec<HttpSourceBody>()(() => ({
  json: optional(expecting("JSON", z.unknown() as unknown as z.ZodType<TemplateValue, TemplateValue>)).describe(
    "sent as JSON; a text that is one variable alone becomes its value, of whatever kind",
  ),
  form: optional(values()).describe("sent as a form"),
  text: optional(z.string()).describe("sent as it is, with the `content-type` of `headers`"),
  multipart: optional(
    expecting("a list of parts, `{ name, text }`", partSpec.schema.array().min(1).readonly()),
  ).describe("parts of a form, each a text; with `fileName`, and perhaps a `contentType`, a part is a file"),
}));

const partSpec: Spec<HttpSourcePart> = defineSpec<HttpSourcePart>()(() => ({
  name: text("a name").describe("the field"),
  text: z.string().describe("its content"),
  fileName: optional(text("a name")).describe("makes the part a file"),
  contentType: optional(text("a content type")).describe("of the part"),
}));
