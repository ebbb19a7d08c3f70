// The one place that loads the client library of gRPC.
import type * as grpcModule from "@grpc/grpc-js";
import { loadOptional } from "../../../core/errors/optional-package.ts";

export type GrpcDriver = typeof grpcModule;

/** @throws MillraceError `DEPENDENCY_MISSING` */
export async function loadGrpc(): Promise<GrpcDriver> {
  return await loadOptional("@grpc/grpc-js", "connections to Spark", () => import("@grpc/grpc-js"));
}
