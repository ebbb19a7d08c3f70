// An SSH server in this process that gives the files of a folder, with whatever trouble a test makes.
import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open, readdir, rename, stat, unlink } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import ssh2, {
  type Attributes,
  type Connection,
  type FileEntry,
  type Server,
  type Session,
  type SFTPWrapper,
} from "ssh2";

const { Server: SshServer, utils } = ssh2;
const { OPEN_MODE, STATUS_CODE } = utils.sftp;

export const sftpPassword = "canary-sftp-password";

/** One request, as `READ /in/a.csv`. */
export interface SftpReceived {
  readonly operation: string;
  readonly path: string;
  readonly connection: Connection;
}

/** What a test does before an answer; a number is answered as the status. */
export type SftpTrouble = (request: SftpReceived, index: number) => number | void | Promise<number | void>;

/** Listens on a port of its own until it is disposed of. */
export class SftpServer implements AsyncDisposable {
  /** What `/` is. */
  readonly root: string;
  readonly hostKey: string;
  readonly requests: string[] = [];
  readonly connections: Connection[] = [];
  trouble: SftpTrouble = () => undefined;
  #count = 0;
  readonly #server: Server;

  private constructor(root: string, { private: key, public: publicKey }: { private: string; public: string }) {
    this.root = root;
    this.hostKey = publicKey;
    this.#server = new SshServer({ hostKeys: [key] }, (connection) => this.#accept(connection));
  }

  static async start(root: string): Promise<SftpServer> {
    // one in 200 of the ed25519 keys that it generates cannot be read (findings/ssh2-generates-keys-it-cannot-read.sh)
    const server = new SftpServer(root, utils.generateKeyPairSync("ecdsa", { bits: 256 }));
    await new Promise<void>((resolve) => void server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** What a connection to it says. */
  get connection() {
    const { hostKey, port } = this;
    return { sftp: { host: "127.0.0.1", port, user: "reader", password: sftpPassword, hostKey } } as const;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.connections) connection.end();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(connection: Connection): void {
    this.connections.push(connection);
    // small answers that wait for more to send would take 40 ms each
    connection.once("ready", () => (connection as Connection & { setNoDelay(isOn: boolean): void }).setNoDelay(true));
    connection.on("error", () => undefined);
    connection.on("authentication", (context) => {
      const isRight = context.method === "password" && context.password === sftpPassword;
      if (isRight) context.accept();
      else context.reject(["password"]);
    });
    connection.on("session", (accept) => {
      const session: Session = accept();
      session.on("sftp", (acceptSftp) => this.#serve(acceptSftp(), connection));
    });
  }

  #serve(sftp: SFTPWrapper, connection: Connection): void {
    announceExtensions(sftp);
    const files = new ServedFiles(this.root);
    connection.on("close", () => files.closeAll());
    const on = <First, Given extends unknown[]>(
      operation: string,
      pathOf: (first: First) => string,
      work: (first: First, ...given: Given) => Promise<Reply>,
    ): void => {
      sftp.on(operation, (id: number, ...given: [First, ...Given]) => {
        const request = { operation, path: pathOf(given[0]), connection };
        void this.#answer(request, () => work(...given)).then((reply) => send(sftp, id, reply));
      });
    };
    const first = (path: string): string => path;
    const ofHandle = (handle: Buffer): string => files.opened(handle).path;
    on("STAT", first, (path: string) => files.look(path, stat));
    on("LSTAT", first, (path: string) => files.look(path, lstat));
    on("OPENDIR", first, (path: string) => files.openFolder(path));
    on("READDIR", ofHandle, (handle: Buffer) => files.readFolder(handle));
    on("OPEN", first, (path: string, flags: number) => files.openFile(path, flags));
    on("FSTAT", ofHandle, (handle: Buffer) => files.lookAtOpen(handle));
    on("READ", ofHandle, (handle: Buffer, from: number, length: number) => files.read(handle, from, length));
    on("WRITE", ofHandle, (handle: Buffer, at: number, bytes: Buffer) => files.write(handle, at, bytes));
    on("CLOSE", ofHandle, (handle: Buffer) => files.close(handle));
    on("REMOVE", first, (path: string) => done(unlink(files.at(path))));
    on("MKDIR", first, (path: string) => done(mkdir(files.at(path))));
    on("RENAME", first, (from: string, to: string) => files.move(from, to));
    on(
      "EXTENDED",
      (name: string) => name,
      (name: string, data: Buffer) => files.extend(name, data),
    );
  }

  async #answer(request: SftpReceived, work: () => Promise<Reply>): Promise<Reply> {
    this.requests.push(`${request.operation} ${request.path}`);
    this.#count += 1;
    try {
      return (await this.trouble(request, this.#count - 1)) ?? (await work());
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code === "ENOENT" || code === "ENOTDIR") return STATUS_CODE.NO_SUCH_FILE;
      return code === "EACCES" ? STATUS_CODE.PERMISSION_DENIED : STATUS_CODE.FAILURE;
    }
  }
}

/** A status, or what was asked for. */
type Reply =
  | number
  | { readonly attrs: Attributes }
  | { readonly handle: Buffer }
  | { readonly data: Buffer }
  | { readonly names: FileEntry[] };

function send(sftp: SFTPWrapper, id: number, reply: Reply): void {
  if (typeof reply === "number") sftp.status(id, reply);
  else if ("attrs" in reply) sftp.attrs(id, reply.attrs);
  else if ("handle" in reply) sftp.handle(id, reply.handle);
  else if ("data" in reply) sftp.data(id, reply.data);
  else sftp.name(id, reply.names);
}

class ServedFiles {
  readonly #root: string;
  readonly #handles = new Map<number, OpenFile | OpenFolder>();
  #last = 0;

  constructor(root: string) {
    this.#root = root;
  }

  at(path: string): string {
    return join(this.#root, path);
  }

  opened(handle: Buffer): OpenFile | OpenFolder {
    const found = this.#handles.get(handle.readUInt32BE());
    if (found === undefined) throw new Error("no such handle");
    return found;
  }

  async look(path: string, how: typeof stat | typeof lstat): Promise<Reply> {
    return { attrs: toAttributes(await how(this.at(path))) };
  }

  async openFolder(path: string): Promise<Reply> {
    return this.#remember({ path, names: await readdir(this.at(path)) });
  }

  async readFolder(handle: Buffer): Promise<Reply> {
    const { path, names } = this.opened(handle) as OpenFolder;
    const some = names.splice(0, 100);
    if (some.length === 0) return STATUS_CODE.EOF;
    const entries = some.map(async (filename) => {
      const attrs = toAttributes(await lstat(join(this.at(path), filename)));
      return { filename, longname: filename, attrs };
    });
    return { names: await Promise.all(entries) };
  }

  async openFile(path: string, flags: number): Promise<Reply> {
    return this.#remember({ path, file: await open(this.at(path), toFlags(flags)) });
  }

  async lookAtOpen(handle: Buffer): Promise<Reply> {
    return { attrs: toAttributes(await (this.opened(handle) as OpenFile).file.stat()) };
  }

  async read(handle: Buffer, from: number, length: number): Promise<Reply> {
    const { file } = this.opened(handle) as OpenFile;
    const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, from);
    return bytesRead === 0 ? STATUS_CODE.EOF : { data: buffer.subarray(0, bytesRead) };
  }

  async write(handle: Buffer, at: number, bytes: Buffer): Promise<Reply> {
    await (this.opened(handle) as OpenFile).file.write(bytes, 0, bytes.length, at);
    return STATUS_CODE.OK;
  }

  async close(handle: Buffer): Promise<Reply> {
    const found = this.opened(handle);
    this.#handles.delete(handle.readUInt32BE());
    if ("file" in found) await found.file.close();
    return STATUS_CODE.OK;
  }

  /** As the first version of the protocol has it: a name that is taken is refused. */
  async move(from: string, to: string): Promise<Reply> {
    const isTaken = await stat(this.at(to)).then(
      () => true,
      () => false,
    );
    return isTaken ? STATUS_CODE.FAILURE : await done(rename(this.at(from), this.at(to)));
  }

  async extend(name: string, data: Buffer): Promise<Reply> {
    if (name !== "posix-rename@openssh.com") return STATUS_CODE.OK;
    const length = data.readUInt32BE(0);
    const [from, to] = [data.toString("utf8", 4, 4 + length), data.toString("utf8", 8 + length)];
    return await done(rename(this.at(from), this.at(to)));
  }

  closeAll(): void {
    for (const found of this.#handles.values()) if ("file" in found) void found.file.close();
    this.#handles.clear();
  }

  #remember(opened: OpenFile | OpenFolder): Reply {
    this.#last += 1;
    this.#handles.set(this.#last, opened);
    const handle = Buffer.alloc(4);
    handle.writeUInt32BE(this.#last);
    return { handle };
  }
}

interface OpenFile {
  readonly path: string;
  readonly file: FileHandle;
}

interface OpenFolder {
  readonly path: string;
  readonly names: string[];
}

async function done(work: Promise<unknown>): Promise<number> {
  await work;
  return STATUS_CODE.OK;
}

function toAttributes(found: Awaited<ReturnType<typeof stat>>): Attributes {
  const { mode, uid, gid, size, atimeMs, mtimeMs } = found;
  return {
    mode: Number(mode),
    uid: Number(uid),
    gid: Number(gid),
    size: Number(size),
    atime: Math.floor(Number(atimeMs) / 1_000),
    mtime: Math.floor(Number(mtimeMs) / 1_000),
  };
}

function toFlags(flags: number): number {
  const has = (mode: number): boolean => (flags & mode) !== 0;
  const access = has(OPEN_MODE.WRITE)
    ? has(OPEN_MODE.READ)
      ? constants.O_RDWR
      : constants.O_WRONLY
    : constants.O_RDONLY;
  const create = has(OPEN_MODE.CREAT) ? constants.O_CREAT : 0;
  const truncate = has(OPEN_MODE.TRUNC) ? constants.O_TRUNC : 0;
  const exclusive = has(OPEN_MODE.EXCL) ? constants.O_EXCL : 0;
  return access | create | truncate | exclusive;
}

/** The driver's server announces no extension; this one does so in the answer that begins the session. */
function announceExtensions(sftp: SFTPWrapper): void {
  const { _protocol: protocol } = sftp as unknown as {
    _protocol: { channelData(channel: number, data: Buffer, ...rest: unknown[]): unknown };
  };
  const send = protocol.channelData.bind(protocol);
  const plain = Buffer.from([0, 0, 0, 5, 2, 0, 0, 0, 3]);
  const texts = ["posix-rename@openssh.com", "1", "fsync@openssh.com", "1"].flatMap((text) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    return [length, Buffer.from(text)];
  });
  const body = Buffer.concat([plain.subarray(4), ...texts]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const announcing = Buffer.concat([length, body]);
  protocol.channelData = (channel, data, ...rest) => send(channel, data.equals(plain) ? announcing : data, ...rest);
}
