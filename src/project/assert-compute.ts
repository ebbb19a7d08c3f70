// Looks whether what executes the SQL of jobs can be reached, as far as the configuration tells.
import { refusal } from "../core/spec/parse-options.ts";
import type { ComputeOptions } from "./project-options.ts";

/** Portable jobs would run on this machine without a word. @throws MillraceError `CONFIG_INVALID` for Spark without its address */
export function assertCompute(where: string, { engine, connect }: ComputeOptions): void {
  if (engine !== "spark" || connect !== undefined) return;
  const hint = 'write it as `connect: "sc://host:15002"`, or leave `engine` out';
  const expected = "the address of Spark, which `engine` asks for";
  throw refusal(where, ["compute", "connect"], expected, connect, { code: "CONFIG_INVALID", hint });
}
