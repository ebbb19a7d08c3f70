// One session of Spark Connect: its identity, its calls with their tries, and its operations. What a session holds (views, settings,
// artifacts) is lost when the server starts anew, which is noticed and told, never papered over.
import { crc32 } from "node:zlib";
import { randomUUID } from "node:crypto";
import { MillraceError } from "../../../core/errors/errors.ts";
import { type ConnectAddress, parseConnectAddress } from "./connect-address.ts";
import { type CallOptions, type ChannelOptions, ConnectChannel } from "./connect-channel.ts";
import { ConnectFailure, grpcStatus, isTransient, toConnectFailure } from "./connect-failure.ts";
import {
  type Artifact,
  artifactRequests,
  errorDetailsRequest,
  executeRequest,
  getSettingsRequest,
  interruptRequest,
  reattachRequest,
  releaseRequest,
  releaseSessionRequest,
  type RequestIdentity,
  schemaRequest,
  setSettingsRequest,
  versionRequest,
} from "./connect-requests.ts";
import {
  type ExecutionProgress,
  parseDamagedArtifacts,
  parseErrorDetails,
  parseInterrupted,
  parseSchema,
  parseSettings,
  parseVersion,
  type RemoteError,
} from "./connect-responses.ts";
import type { MessageFields } from "./message-fields.ts";
import { type OperationCalls, PlanExecution } from "./plan-execution.ts";
import { type Chance, firstContactPolicy, patientPolicy, RetryBackoff, type RetryPolicy } from "./retry-backoff.ts";
import { toConnectError } from "./to-connect-error.ts";

export interface ConnectOptions extends ChannelOptions, Chance {
  /** `sc://host:port/;token=…`. */
  readonly address: string;
  /** A UUID, in the place of one in the address. It may be opened again after it was closed. */
  readonly sessionId?: string;
  readonly signal?: AbortSignal;
}

export interface OperationOptions {
  /** A UUID under which the operation is asked for again; a new one when left out. */
  readonly operationId?: string;
  /** Names in Spark's own UI; without commas. */
  readonly tags?: readonly string[];
  /** Interrupts the operation. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ExecutionProgress) => void;
  /** Asked before anything is done to an operation that is left: one that another process has taken over goes on. Default: it is ours. */
  readonly isOurs?: () => Promise<boolean>;
}

/** Operations may run beside each other. */
export class ConnectSession implements AsyncDisposable {
  readonly sessionId: string;
  readonly #channel: ConnectChannel;
  readonly #chance: Chance;
  readonly #identity: Omit<RequestIdentity, "serverSessionId">;
  readonly #canRenewToken: boolean;
  readonly #isTakenUp: boolean;
  #serverSessionId: string | undefined;
  #version = "";

  private constructor(channel: ConnectChannel, address: ConnectAddress, options: ConnectOptions) {
    this.#channel = channel;
    this.#chance = { clock: options.clock, random: options.random };
    this.#canRenewToken = options.token !== undefined;
    this.#isTakenUp = options.sessionId !== undefined;
    this.sessionId = options.sessionId ?? address.sessionId ?? randomUUID();
    this.#identity = {
      sessionId: this.sessionId,
      userId: address.userId ?? "millrace",
      clientType: address.userAgent ?? "millrace",
    };
  }

  /**
   * Opens the session, and asks the server for its version.
   * @throws MillraceError `CONFIG_INVALID`, `DEPENDENCY_MISSING`, `AUTHENTICATION_FAILED`, `CERTIFICATE_INVALID`,
   *   `SERVICE_UNAVAILABLE` after about twenty seconds
   */
  static async open(options: ConnectOptions): Promise<ConnectSession> {
    const address = parseConnectAddress(options.address);
    const channel = await ConnectChannel.open(address, options);
    const session = new ConnectSession(channel, address, options);
    try {
      const answer = await session.#ask("AnalyzePlan", versionRequest, options, firstContactPolicy);
      session.#version = parseVersion(answer) ?? "";
      return session;
    } catch (error) {
      channel[Symbol.dispose]();
      throw error;
    }
  }

  /** Of the server, such as `4.2.0`. */
  get version(): string {
    return this.#version;
  }

  /** Changes when the server starts anew; artifacts are in a folder of this name. */
  get serverSessionId(): string | undefined {
    return this.#serverSessionId;
  }

  /** Starts when it is read. @param plan such as `sqlPlan` gives */
  execute(plan: Uint8Array, options: OperationOptions = {}): PlanExecution {
    return this.#operate(options.operationId ?? randomUUID(), plan, options);
  }

  /**
   * Reads an operation that an earlier process has sent, in a session of the same id: all of it, as long as nothing was released.
   * The server keeps one that nobody reads for five minutes. It fails with `OPERATION_LOST` when the server does not know it.
   */
  reattach(operationId: string, options: Omit<OperationOptions, "operationId" | "tags"> = {}): PlanExecution {
    return this.#operate(operationId, undefined, options);
  }

  /** The type of a plan's rows, which does not run it. */
  async schema(plan: Uint8Array, options: CallOptions = {}): Promise<MessageFields | undefined> {
    return parseSchema(await this.#ask("AnalyzePlan", (identity) => schemaRequest(identity, plan), options));
  }

  /** Settings that have a value. */
  async settings(keys: readonly string[], options: CallOptions = {}): Promise<Map<string, string>> {
    return parseSettings(await this.#ask("Config", (identity) => getSettingsRequest(identity, keys), options));
  }

  /** Spark takes names that it does not know: read a setting back when it matters. */
  async set(values: Readonly<Record<string, string>>, options: CallOptions = {}): Promise<void> {
    await this.#ask("Config", (identity) => setSettingsRequest(identity, values), options);
  }

  /**
   * Asks the server to stop an operation. It has not stopped yet when this resolves.
   * @returns whether it knew the operation as one that runs
   */
  async interrupt(operationId: string, options: CallOptions = {}): Promise<boolean> {
    const answer = await this.#ask("Interrupt", (identity) => interruptRequest(identity, operationId), options);
    return parseInterrupted(answer).length > 0;
  }

  /** Brings a file to the server and its executors; every session can read it. @throws MillraceError `CHECKSUM_MISMATCH` */
  async addArtifact(artifact: Artifact, options: CallOptions = {}): Promise<void> {
    const answer = await this.#try(options, patientPolicy, async () => {
      return await this.#channel.upload("AddArtifacts", artifactRequests(this.#identify(), artifact, crc32), options);
    });
    if (parseDamagedArtifacts(answer).length === 0) return;
    throw new MillraceError("CHECKSUM_MISMATCH", `spark: a file arrived damaged, got: \`${artifact.name}\``);
  }

  /** Closes the connection; the session stays on the server, for another process that works in it. */
  leave(): void {
    this.#channel[Symbol.dispose]();
  }

  /** Ends the session on the server, as far as it can be reached, and closes the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#channel.ask("ReleaseSession", releaseSessionRequest(this.#identify(), this.#isTakenUp), {
        timeoutMs: courtesyMs,
      });
    } catch {
      // servers before 4.0 cannot, and one that is gone has no session
    } finally {
      this.#channel[Symbol.dispose]();
    }
  }

  #operate(operationId: string, plan: Uint8Array | undefined, options: OperationOptions): PlanExecution {
    const { signal, onProgress, isOurs } = options;
    return new PlanExecution(this.#callsOf(operationId, plan, options.tags ?? []), {
      backoff: new RetryBackoff(patientPolicy, this.#chance),
      isKnown: plan === undefined,
      ...(onProgress === undefined ? {} : { onProgress }),
      ...(signal === undefined ? {} : { signal }),
      ...(isOurs === undefined ? {} : { isOurs }),
    });
  }

  #callsOf(operationId: string, plan: Uint8Array | undefined, tags: readonly string[]): OperationCalls {
    const channel = this.#channel;
    return {
      operationId,
      clock: this.#chance.clock,
      canRenewToken: this.#canRenewToken,
      execute: (signal) => {
        const request = { operationId, plan: plan ?? new Uint8Array(), tags, chunkBytes };
        return channel.watch("ExecutePlan", executeRequest(this.#identify(), request), signal);
      },
      reattach: (lastResponseId, signal) =>
        channel.watch("ReattachExecute", reattachRequest(this.#identify(), operationId, lastResponseId), signal),
      release: async (untilResponseId) => {
        const request = releaseRequest(this.#identify(), operationId, untilResponseId);
        await channel.ask("ReleaseExecute", request, { timeoutMs: courtesyMs });
      },
      interrupt: async () => {
        await this.#ask("Interrupt", (identity) => interruptRequest(identity, operationId), {}, firstContactPolicy);
      },
      observe: (serverSessionId) => this.#observe(serverSessionId),
      explain: async (failure) => await this.#explain(failure, operationId),
    };
  }

  #identify(): RequestIdentity {
    return { ...this.#identity, serverSessionId: this.#serverSessionId };
  }

  #observe(serverSessionId: string): void {
    this.#serverSessionId ??= serverSessionId;
    if (this.#serverSessionId === serverSessionId) return;
    throw toConnectError(
      new ConnectFailure({
        status: grpcStatus.internal,
        errorClass: "INVALID_HANDLE.SESSION_CHANGED",
        message: "the server has started anew, and has another session under this id",
      }),
    );
  }

  async #ask(
    method: string,
    request: (identity: RequestIdentity) => Uint8Array,
    options: CallOptions,
    policy: RetryPolicy = patientPolicy,
  ): Promise<Uint8Array> {
    return await this.#try(options, policy, async () => {
      return await this.#channel.ask(method, request(this.#identify()), { timeoutMs: answerMs, ...options });
    });
  }

  async #try({ signal }: CallOptions, policy: RetryPolicy, call: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const backoff = new RetryBackoff(policy, this.#chance);
    let hasRenewedToken = false;
    for (;;) {
      try {
        return await call();
      } catch (error) {
        if (signal?.aborted === true) throw stopped(signal);
        const failure = toConnectFailure(error);
        if (failure.status === grpcStatus.unauthenticated && this.#canRenewToken && !hasRenewedToken) {
          hasRenewedToken = true;
          continue;
        }
        if (!isTransient(failure) || !(await backoff.wait(failure.retryAfterMs, signal))) {
          throw await this.#explain(failure);
        }
      }
    }
  }

  /** The server tells the chain once, so it is asked for here, where it becomes part of the error. */
  async #explain(failure: ConnectFailure, operationId?: string): Promise<MillraceError> {
    return toConnectError(failure, await this.#fetchChain(failure.errorId), operationId);
  }

  async #fetchChain(errorId: string | undefined): Promise<RemoteError[]> {
    if (errorId === undefined) return [];
    try {
      const request = errorDetailsRequest(this.#identify(), errorId);
      return parseErrorDetails(await this.#channel.ask("FetchErrorDetails", request, { timeoutMs: courtesyMs }));
    } catch {
      // servers before 4.0 cannot; the failure itself says enough
      return [];
    }
  }
}

/** Servers that can send batches in parts of this size, so that no message comes near its limit. */
const chunkBytes = 4 * 1024 * 1024;
/** For calls that are answered at once, unless the server is busy. */
const answerMs = 120_000;
/** For calls whose failure changes nothing. */
const courtesyMs = 10_000;

function stopped(signal: AbortSignal): MillraceError {
  return new MillraceError("RUN_STOPPED", "the call was interrupted", { cause: signal.reason });
}
