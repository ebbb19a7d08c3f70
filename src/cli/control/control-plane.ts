// Defines the operations of src/api/routes.ts for verbs that work on the project's store and on a server alike. With
// `--server` the calls go over HTTP, else this process answers them from the store with the same handlers.
import type { Contract } from "../../api/contract.ts";
import type { RouteName } from "../../api/routes.ts";

/** Params, query and body of an operation; what it does not have is left out. */
export type CallOf<Name extends RouteName> = Omit<Contract[Name], "response">;

/** Operations that answer with a file of rows. */
export type FileRouteName = "exportDataset" | "exportFigureRows";

/** All that a verb which reads or controls gets its data by. */
export interface ControlCalls {
  /** @throws MillraceError with the code that the operation failed with; `SERVER_UNREACHABLE` */
  call<Name extends RouteName>(name: Name, input: CallOf<Name>): Promise<Contract[Name]["response"]>;
}

export interface ControlPlane extends ControlCalls, AsyncDisposable {
  /** Address of the server; `undefined` when this process works on the store. */
  readonly server: string | undefined;
  /**
   * Bytes of an operation whose answer is a file. @throws MillraceError with the code that it failed with; `SERVER_UNREACHABLE`
   */
  download<Name extends FileRouteName>(name: Name, input: CallOf<Name>): Promise<AsyncIterable<Uint8Array>>;
  /** Executes runs in this process until it is disposed; a server has workers of its own, and nothing is done. */
  work(): Promise<AsyncDisposable>;
}
