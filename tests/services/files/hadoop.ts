// A real HDFS on loopback: the name node and one data node of Hadoop's own test cluster, from Maven Central, below `.cache/services`.
import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { findFreePort, untilListening } from "../loopback-port.ts";
import { ensureJars } from "../maven-jars.ts";

const run = promisify(execFile);
const version = "3.4.2";

/** What the cluster needs beside itself, which its own description leaves to others. */
const artifacts = [
  ...["hadoop-client-api", "hadoop-client-runtime", "hadoop-client-minicluster"].map(
    (name) => `org.apache.hadoop:${name}:${version}`,
  ),
  "org.slf4j:slf4j-api:1.7.36",
  "commons-logging:commons-logging:1.2",
  "junit:junit:4.13.2",
  "org.hamcrest:hamcrest-core:1.3",
  "javax.xml.bind:jaxb-api:2.3.1",
  "javax.activation:javax.activation-api:1.2.0",
];

export interface Hadoop extends AsyncDisposable {
  /** What a connection says that asks as the account that owns the cluster. */
  readonly connection: { readonly url: string; readonly dataNodes: readonly string[] };
  /** Asks the name node by curl. @param account that asks @returns the answer */
  curl(account: string, method: string, path: string, query: string): Promise<string>;
}

/** @throws Error saying what could not be got */
export async function startHadoop(): Promise<Hadoop> {
  const jars = await ensureJars(`hadoop-${version}`, artifacts);
  const folder = await mkdtemp(join(tmpdir(), "millrace-hadoop-"));
  const [httpPort, port] = [await findFreePort(), await findFreePort()];
  const settings = { "dfs.blocksize": "1048576", "dfs.namenode.resource.du.reserved": "0" };
  const server = spawn(
    "java",
    [
      "-Xmx400m",
      `-Dtest.build.data=${folder}`,
      "-cp",
      jars.join(delimiter),
      "org.apache.hadoop.test.MiniDFSClusterManager",
      "-format",
      "-httpport",
      String(httpPort),
      "-nnport",
      String(port),
      ...Object.entries(settings).flatMap(([name, value]) => ["-D", `${name}=${value}`]),
    ],
    { cwd: folder, stdio: "ignore" },
  );
  const ended = new Promise((resolve) => server.once("exit", resolve));
  await untilListening(httpPort, "the name node of Hadoop");
  const url = `http://127.0.0.1:${httpPort}`;
  const curl: Hadoop["curl"] = async (account, method, path, query) => {
    const address = `${url}/webhdfs/v1${encodeURI(path)}?user.name=${account}&${query}`;
    return (await run("curl", ["--silent", "--show-error", "--location", "--request", method, address])).stdout;
  };
  return {
    connection: { url, dataNodes: [await untilDataNode(curl)] },
    curl,
    async [Symbol.asyncDispose]() {
      server.kill();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The name node listens before a data node has told it that it is there. */
async function untilDataNode(curl: Hadoop["curl"]): Promise<string> {
  for (let tries = 0; tries < 120; tries += 1) {
    const answer = await curl("root", "PUT", "/probe", "op=CREATE&noredirect=true");
    const [, origin] = /"Location":"(https?:\/\/[^/]+)\//.exec(answer) ?? [];
    if (origin !== undefined) return origin;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error("the data node of Hadoop did not come up");
}
