// A process that kills itself at its n-th step around the renewal of a token, from 1.
// `node renew-and-die.ts <store> <origin> <step> <skew ms>` ends with 0 when it lived and the service took its request.
import { flushCompileCache } from "node:module";
import { sendWithRotatingToken } from "./send-with-rotating-token.ts";

const [path = "", origin = "", dieAt = "", skewMs = "0"] = process.argv.slice(2);
let steps = 0;
const onStep = (): void => {
  steps += 1;
  if (steps !== Number(dieAt)) return;
  flushCompileCache();
  process.kill(process.pid, "SIGKILL");
};
const status = await sendWithRotatingToken({
  path,
  origin,
  onStep,
  holder: `process ${process.pid}`,
  skewMs: Number(skewMs),
});
process.exitCode = status === 200 ? 0 : 3;
