// `npm run test:services`: the suites that compare Millrace with other people's software.
// It names each suite that cannot run on this machine, and counts it as a failure, never as a pass.
import { spawnSync } from "node:child_process";
import { runPhases } from "./phase-runner.ts";

interface Need {
  readonly name: string;
  readonly usedBy: string;
  readonly probe: readonly string[];
  readonly remedy: string;
}

const needs: readonly Need[] = [
  {
    name: "Python 3 with venv",
    usedBy: "the suites of tables and of file formats",
    probe: ["python3", "-c", "import venv, ensurepip"],
    remedy: "apt-get install python3-venv",
  },
  {
    name: "GnuPG",
    usedBy: "the suite of file formats",
    probe: ["gpg", "--version"],
    remedy: "apt-get install gnupg",
  },
  {
    name: "PgBouncer",
    usedBy: "the pooler suite",
    probe: ["pgbouncer", "--version"],
    remedy: "apt-get install pgbouncer",
  },
  {
    name: "MariaDB",
    usedBy: "the mariadb suites",
    probe: ["mariadbd", "--version"],
    remedy: "apt-get install --no-install-recommends mariadb-server-core mariadb-client-core",
  },
  {
    name: "Go",
    usedBy: "the files suite, which builds a server with the interface of S3",
    probe: ["go", "version"],
    remedy: "apt-get install golang",
  },
  {
    name: "OpenSSH's client",
    usedBy: "the files suite, which gets the server from Debian when the machine has none",
    probe: ["sh", "-c", "command -v sftp && command -v ssh-keygen"],
    remedy: "apt-get install openssh-client openssh-server",
  },
];

const missing = needs.filter((need) => !isPresent(need.probe));
for (const need of needs) {
  const state = missing.includes(need) ? `MISSING, install it with \`${need.remedy}\`` : "found";
  console.log(`${need.name} (for ${need.usedBy}): ${state}`);
}

await runPhases([{ kind: "suite", name: "services", project: "services" }]);

if (missing.length > 0) {
  console.error(`could not get: ${missing.map((need) => need.name).join(", ")}`);
  process.exitCode = 1;
}

function isPresent([program = "", ...parameters]: readonly string[]): boolean {
  return spawnSync(program, parameters, { stdio: "ignore" }).status === 0;
}
