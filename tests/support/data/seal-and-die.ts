// A process that publishes credentials and is killed when they are staged: node seal-and-die.ts <root>
// Before that it prints where they are.
import { readdirSync, readFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { DataProject } from "./data-project.ts";

const [, , root = ""] = process.argv;
const project = DataProject.open(root);
await project.publish(
  { sql: "select repeat('canary-', 3) || '5e41ed' as access_token", output: { dataset: "tokens", sealed: true } },
  {
    failpoint: async (name) => {
      if (name !== "staged") return;
      const journal = readFileSync(join(project.staging, "1-1/tokens/journal.json"), "utf8");
      const path = /"path":"([^"]+)"/.exec(journal)?.[1] ?? "";
      console.log(JSON.stringify({ path, files: readdirSync(path) }));
      flushCompileCache();
      process.kill(process.pid, "SIGKILL");
      await new Promise(() => undefined);
    },
  },
);
