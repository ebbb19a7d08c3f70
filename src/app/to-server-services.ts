// Fits an open project to what the handlers of requests ask for. It loads no server, since the command line calls the same handlers
// without one.
import { basename } from "node:path";
import { toExpectationRules } from "./expectation-rules.ts";
import type { App } from "./app.ts";
import { readPackageVersion } from "../package-version.ts";
import type { ServerServices } from "../server/server-services.ts";

/** What handlers get of an open project. */
export function toServerServices(app: App): ServerServices {
  return {
    store: app.store,
    project: {
      name: basename(app.project.root),
      root: app.project.root,
      environment: app.project.environment,
      isProduction: app.project.settings.production,
    },
    version: readPackageVersion(),
    definitions: () => app.definitions,
    freshness: () => toExpectationRules(app.project.settings, app.definitions).datasets,
    async submit(name, options) {
      // What could not start is a mistake of the caller and leaves no run behind.
      await app.plan(name, options);
      return app.submit(name, options);
    },
    quarantine: app.quarantine,
    rows: app.rows,
    catalog: app.catalog,
    connections: app.connections,
    notifications: {
      channels: () => app.notifying.router().channels,
      test: (channel, by) => app.notifying.test(channel, by),
    },
    streams: app.streams,
    replays: app.replays,
    planBackfill: (name, scope) => app.planBackfill(name, scope),
    backfill: (name, call) => app.backfill(name, call),
  };
}
