// A file of an OpenSSH server on loopback as a source fetches it, beside the stream of the driver: as it comes, where each small
// packet waits 40 ms for more to send, and told not to wait. `BENCH_SFTP_MB` makes the file larger.
import { randomBytes, randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import ssh2, { type Client, type SFTPWrapper } from "ssh2";
import { openConnections } from "../../tests/support/files/file-services.ts";
import { type OpenSsh, startOpenSsh } from "../../tests/services/files/openssh.ts";
import type { Bench } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { takeTurns, timeMs } from "../harness/take-turns.ts";

const megabytes = Number(process.env["BENCH_SFTP_MB"] ?? 8);

export const bench: Bench = {
  name: "sftp-get",
  description: `a file of ${megabytes} MB of OpenSSH's server as a source fetches it, beside \`createReadStream\` of ssh2`,
  hasServer: true,
  async run() {
    await using folder = await createBenchFolder();
    await using ssh = await startOpenSsh();
    const path = join(ssh.folder, "big.bin");
    await writeFile(path, randomBytes(megabytes * 1024 ** 2), { mode: 0o644 });
    const { port, user, privateKey, hostKey } = ssh;
    const drop = { sftp: { host: "127.0.0.1", port, user, privateKey, hostKey: hostKey.trim() } };
    await using connections = openConnections({ drop });
    const service = await connections.files("drop");
    const file = await service.find(path, {});
    if (file === undefined) throw new Error("the file is not there");
    using peer = await openPeer(ssh, false);
    using hasty = await openPeer(ssh, true);
    const target = (): string => join(folder.path, randomUUID());
    const streamOf = ({ sftp }: Peer) =>
      timeMs(() => pipeline(sftp.createReadStream(path), createWriteStream(target())));
    const { ours, stream, withoutDelay } = await takeTurns(
      {
        ours: () => timeMs(() => service.download(file, target(), {})),
        stream: () => streamOf(peer),
        withoutDelay: () => streamOf(hasty),
      },
      { warmUps: 0, repetitions: 3 },
    );
    return [
      {
        name: `${megabytes} MB over SFTP → file`,
        unit: "ms",
        ours,
        peer: { name: "ssh2 `createReadStream`", values: stream },
        target: { kind: "ratio", atMost: 0.2 },
      },
      {
        name: `${megabytes} MB over SFTP → file, beside a stream that does not wait`,
        unit: "ms",
        ours,
        peer: { name: "ssh2 `createReadStream` after `setNoDelay`", values: withoutDelay },
      },
    ];
  },
};

interface Peer extends Disposable {
  readonly sftp: SFTPWrapper;
}

async function openPeer({ port, user: username, privateKey }: OpenSsh, isHasty: boolean): Promise<Peer> {
  const client: Client = new ssh2.Client();
  await new Promise<void>((resolve, reject) => {
    client.once("ready", resolve).once("error", reject).connect({ host: "127.0.0.1", port, username, privateKey });
  });
  if (isHasty) client.setNoDelay(true);
  const sftp = await new Promise<SFTPWrapper>((resolve, reject) => {
    client.sftp((error, channel) => (error === undefined ? resolve(channel) : reject(error)));
  });
  return { sftp, [Symbol.dispose]: () => void client.end() };
}
