// One line of `millrace doctor`: what was looked at, how it is, and what to do about it.
import { MillraceError } from "../../core/errors/errors.ts";

export interface Diagnosis {
  readonly name: string;
  readonly status: "ok" | "warn" | "fail";
  readonly detail: string;
  /** The remedy. */
  readonly hint?: string;
}

/** What a look found; an error that it throws becomes a `fail` with the error's hint. */
export type Finding = Omit<Diagnosis, "name" | "status"> & { readonly status?: Diagnosis["status"] };

/** Never rejects: what does not work is what the doctor is asked for. */
export async function diagnose(name: string, look: () => Promise<Finding> | Finding): Promise<Diagnosis> {
  try {
    return { name, status: "ok", ...(await look()) };
  } catch (error) {
    if (error instanceof MillraceError) {
      const hint = error.hint === undefined ? {} : { hint: error.hint };
      return { name, status: "fail", detail: `${error.code}: ${error.message}`, ...hint };
    }
    return { name, status: "fail", detail: error instanceof Error ? error.message : String(error) };
  }
}
