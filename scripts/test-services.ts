// `npm run test:services`: the suites that compare Millrace with other people's software. What they need of Debian is installed
// where this may be done; servers, packages of PyPI and what has to be built are kept below `.cache/services`.
// It names each suite that cannot run on this machine, and counts it as a failure, never as a pass.
import { spawnSync } from "node:child_process";
import { runPhases } from "./phase-runner.ts";

interface Need {
  readonly name: string;
  readonly usedBy: string;
  readonly probe: readonly string[];
  /** Of Debian. */
  readonly packages: readonly string[];
}

const needs: readonly Need[] = [
  {
    name: "Python 3 with venv",
    usedBy: "the suites of tables, of Spark, of file formats and of foreign clients",
    probe: ["python3", "-c", "import venv, ensurepip"],
    packages: ["python3", "python3-venv"],
  },
  { name: "curl", usedBy: "the suite of foreign clients", probe: ["curl", "--version"], packages: ["curl"] },
  { name: "GnuPG", usedBy: "the suite of file formats", probe: ["gpg", "--version"], packages: ["gnupg"] },
  { name: "PgBouncer", usedBy: "the pooler suite", probe: ["pgbouncer", "--version"], packages: ["pgbouncer"] },
  {
    name: "MariaDB",
    usedBy: "the mariadb suites",
    probe: ["mariadbd", "--version"],
    packages: ["mariadb-server-core", "mariadb-client-core"],
  },
  {
    name: "a Java machine",
    usedBy: "the HDFS and Spark suites",
    probe: ["java", "-version"],
    packages: ["default-jre-headless"],
  },
  {
    name: "Maven",
    usedBy: "the HDFS and Spark suites, which get Hadoop and Delta Lake with it",
    probe: ["mvn", "--version"],
    packages: ["maven"],
  },
  {
    name: "OpenSSH's client",
    usedBy: "the files suite, which gets the server from Debian when the machine has none",
    probe: ["sh", "-c", "command -v sftp && command -v ssh-keygen"],
    packages: ["openssh-client"],
  },
];

// where Debian puts servers, which not every user's path has
process.env["PATH"] = `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`;

const wanted = needs.filter((need) => !isPresent(need.probe));
if (wanted.length > 0) installDebian(wanted.flatMap(({ packages }) => packages));
const missing = wanted.filter((need) => !isPresent(need.probe));
for (const need of needs) {
  const remedy = `apt-get install --no-install-recommends ${need.packages.join(" ")}`;
  const state = missing.includes(need) ? `MISSING, install it with \`${remedy}\`` : "found";
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

/** What could not be installed is told afterwards, by what is still missing. */
function installDebian(packages: readonly string[]): void {
  console.log(`installing from Debian: ${packages.join(" ")}`);
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const frontend = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"];
  for (const parameters of [
    ["update", "-qq"],
    ["install", "-y", "-qq", "--no-install-recommends", ...packages],
  ]) {
    const [program = "", ...rest] = [...asRoot, ...frontend, ...parameters];
    spawnSync(program, rest, { stdio: ["ignore", "ignore", "inherit"] });
  }
}
