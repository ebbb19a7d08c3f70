// What a planted failure is: a fault that one gate must refuse, with the words it must say.
import type { Fault } from "../copies/repository-copy.ts";

/** One fault in a copy of the repository. */
export interface PlantedFailure extends Fault {
  readonly name: string;
  /** The gate. It must exit with an error. */
  readonly command: readonly string[];
  /** What the gate must print. */
  readonly expected: RegExp;
  /** Faults in files of their own that one run of the gate is to find together have the same word here. */
  readonly together?: string;
}
