// The isolate's side of its run's lease: each call is a message to the worker, and resolves with the worker's answer.
import { MillraceError } from "../../core/errors/errors.ts";
import { type AttemptPort, type PortMethod, portMethods } from "../attempt/attempt-port.ts";
import type { FromIsolate, ToIsolate } from "./messages.ts";
import { fromErrorRecord } from "../../core/errors/from-error-record.ts";

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface RemotePort {
  readonly port: AttemptPort;
  /** Takes an answer of the worker. */
  readonly receive: (message: Extract<ToIsolate, { type: "reply" | "refusal" }>) => void;
}

/** @param onLost told of the first refusal because the lease is gone */
export function createRemotePort(
  send: (message: FromIsolate) => void,
  onLost: (error: MillraceError) => void,
): RemotePort {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  const call = (method: PortMethod, args: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = (lastId += 1);
      waiting.set(id, { resolve, reject });
      try {
        send({ type: "call", id, method, args });
      } catch (cause) {
        waiting.delete(id);
        // What cannot be cloned was handed in by the job or the data layer.
        reject(new MillraceError("INTERNAL", `\`${method}\` was given what cannot leave its isolate`, { cause }));
      }
    });
  const methods = portMethods.map((method) => [method, (...args: unknown[]) => call(method, args)] as const);
  return {
    // Each method does what its name says on the worker's lease, with the same arguments and results.
    port: Object.fromEntries(methods) as unknown as AttemptPort,
    receive(message) {
      const caller = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.type === "reply") caller?.resolve(message.value);
      else {
        const error = fromErrorRecord(message.error);
        if (error.code === "RUN_LOST") onLost(error);
        caller?.reject(error);
      }
    },
  };
}
