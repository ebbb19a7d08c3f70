// A process that optimizes or vacuums a dataset and is killed at a named moment: node care-and-die.ts <root> <failpoint> <action>
import { flushCompileCache } from "node:module";
import { DataProject } from "./data-project.ts";

const [, , root = "", failpoint, action] = process.argv;
const project = DataProject.open(root);
project.nowMs = Date.now() + 1000;
const attempt = project.attempt({
  runId: 9,
  failpoint(name) {
    if (name !== failpoint) return;
    flushCompileCache();
    process.kill(process.pid, "SIGKILL");
  },
});
if (action === "optimize") await attempt.optimize("t");
else await attempt.vacuum("t", { retain: "0s", force: true });
