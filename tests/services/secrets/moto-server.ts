// Amazon's services as moto answers for them, on loopback.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { findFreePort, untilListening } from "../loopback-port.ts";
import { ensurePython } from "../python-environment.ts";

export interface MotoServer extends AsyncDisposable {
  readonly origin: string;
  /** Calls an operation of a service that speaks JSON, as moto takes it from anybody. @returns the status */
  call(target: string, body: object): Promise<number>;
}

/** @param version of moto, pinned */
export async function startMoto(version: string): Promise<MotoServer> {
  const python = await ensurePython([`moto[server]==${version}`]);
  const port = await findFreePort();
  const args = ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)];
  const server = spawn(python, args, { stdio: "ignore" });
  await untilListening(port, "moto");
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    async call(target, body) {
      const service = target.startsWith("AmazonSSM") ? "ssm" : "secretsmanager";
      const authorization = `AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1/${service}/aws4_request`;
      const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": target, authorization };
      return (await fetch(origin, { method: "POST", headers, body: JSON.stringify(body) })).status;
    },
    async [Symbol.asyncDispose]() {
      const ended = once(server, "exit");
      server.kill();
      await ended;
    },
  };
}
