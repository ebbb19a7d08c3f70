// A service of a Python package in a process of its own, on a port of this machine.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createInterface, type Interface } from "node:readline";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { serverCertificate, serverKey } from "../../support/http/certificates.ts";
import { findFreePort, untilListening } from "../loopback-port.ts";
import { ensurePython } from "../python-environment.ts";

export interface PythonService extends AsyncDisposable {
  readonly port: number;
  /** What it prints. */
  readonly lines: Interface;
}

/** Listens when it resolves. */
export async function startPythonService(python: string, args: (port: number) => string[]): Promise<PythonService> {
  const port = await findFreePort();
  const service: ChildProcess = spawn(python, args(port), { stdio: ["pipe", "pipe", "ignore"] });
  await untilListening(port, python);
  if (service.stdout === null) throw new Error("it has no output");
  const lines = createInterface({ input: service.stdout });
  return {
    port,
    lines,
    [Symbol.asyncDispose]: async () => {
      const exited = once(service, "exit");
      service.kill();
      await exited;
      lines.close();
    },
  };
}

/** A mail server that asks for STARTTLS and for the login of `mailAccount`. Each mail that it takes is a line of JSON. */
export async function startMailServer(): Promise<PythonService> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-mail-"));
  const [certificate, key] = [join(folder, "server.pem"), join(folder, "server.key")];
  await writeFile(certificate, serverCertificate);
  await writeFile(key, serverKey);
  const python = await ensurePython(["aiosmtpd==1.4.6"]);
  const script = fileURLToPath(new URL("smtp_server.py", import.meta.url));
  const service = await startPythonService(python, (port) => [script, String(port), certificate, key]);
  return {
    ...service,
    [Symbol.asyncDispose]: async () => {
      await service[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

export const mailAccount: { readonly user: string; readonly password: string } = {
  user: "mill",
  password: "a good password",
};
