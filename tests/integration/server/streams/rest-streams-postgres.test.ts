import { postgresStores } from "../../../conformance/streams/stream-stores.ts";
import { describeStreamRoutes } from "./rest-streams.ts";

describeStreamRoutes(postgresStores);
