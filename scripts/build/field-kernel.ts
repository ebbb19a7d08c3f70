// Compiles `src/compute/mapreduce/fields/kernel.rs` to `kernel-binary.ts` beside it: `node scripts/build/field-kernel.ts`. Needs `rustc`
// with the target `wasm32-unknown-unknown`; whoever does not change the kernel never runs this.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const fields = join(import.meta.dirname, "../../src/compute/mapreduce/fields");
const source = join(fields, "kernel.rs");
const options = [
  ["edition", "2021"],
  ["target", "wasm32-unknown-unknown"],
  ["crate-type", "cdylib"],
].map(([name, value]) => `--${name}=${value}`);
const code = ["opt-level=3", "target-feature=+simd128,+bulk-memory", "panic=abort", "strip=symbols", "lto=fat"];
// what is on the stack stays below the state
const linker = ["--import-memory", "--no-entry", "--stack-first", "-zstack-size=512"];

const folder = mkdtempSync(join(tmpdir(), "millrace-kernel-"));
try {
  const output = join(folder, "kernel.wasm");
  const flags = [...code, ...linker.map((argument) => `link-arg=${argument}`)].flatMap((flag) => ["-C", flag]);
  execFileSync("rustc", [...options, ...flags, "-o", output, source], { stdio: "inherit" });
  writeFileSync(join(fields, "kernel-binary.ts"), toModule(readFileSync(output)));
} finally {
  rmSync(folder, { recursive: true });
}

function toModule(binary: Buffer): string {
  const digest = createHash("sha256").update(readFileSync(source)).digest("hex");
  return `// Made of \`kernel.rs\` by \`scripts/build/field-kernel.ts\`: a change goes there.

/** SHA-256 of the source that it was made of. */
export const kernelSource = "${digest}";

/** WebAssembly, as base64. */
export const kernelBinary =
  "${binary.toString("base64")}";
`;
}
