// Every screen with its address: its code is loaded when somebody goes there, its search params are read by hand-written functions
// beside it, so that filters live in the address and survive Back. Links are checked against this table.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { ErrorState } from "./components/tables/error-state.tsx";
import { NotFound } from "./components/frame/not-found.tsx";
import { Root } from "./root.tsx";
import { ScreenSkeleton } from "./components/frame/skeleton.tsx";
import { parseChecksSearch } from "./search/checks-search.ts";
import { parseCollectionSearch } from "./search/collection-search.ts";
import { parseDatasetsSearch } from "./search/datasets-search.ts";
import { parseDeliverySearch } from "./search/delivery-search.ts";
import { parseFailuresSearch } from "./search/failures-search.ts";
import { parseHomeSearch } from "./search/home-search.ts";
import { parseJobSearch } from "./search/job-search.ts";
import { parseMetricsSearch } from "./search/metrics-search.ts";
import { parseNotificationsSearch } from "./search/notifications-search.ts";
import { parseRunSearch } from "./search/run-search.ts";
import { parseRunsSearch } from "./search/runs-search.ts";
import { parseSchedulesSearch } from "./search/schedules-search.ts";
import { parseSettingsSearch } from "./search/settings-search.ts";
import { parseSprintsSearch } from "./search/sprints-search.ts";
import { parseStreamsSearch, parseTopicSearch } from "./search/streams-search.ts";
import { parseWorkflowsSearch } from "./search/workflows-search.ts";
import { parseSearch, stringifySearch } from "./search-params.ts";

const root = createRootRoute({ component: Root, notFoundComponent: NotFound });

const routeTree = root.addChildren([
  createRoute({
    getParentRoute: () => root,
    path: "/",
    validateSearch: parseHomeSearch,
    component: lazyRouteComponent(() => import("./routes/home.tsx"), "Home"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/login",
    component: lazyRouteComponent(() => import("./routes/login.tsx"), "Login"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/orchestrator",
    component: lazyRouteComponent(() => import("./routes/orchestrator.tsx"), "OrchestratorScreen"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/runs",
    validateSearch: parseRunsSearch,
    component: lazyRouteComponent(() => import("./routes/runs.tsx"), "Runs"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/runs/$runId",
    validateSearch: parseRunSearch,
    component: lazyRouteComponent(() => import("./routes/run.tsx"), "RunScreen"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/compare/$a/$b",
    component: lazyRouteComponent(() => import("./routes/compare.tsx"), "Compare"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/jobs/$jobName",
    validateSearch: parseJobSearch,
    component: lazyRouteComponent(() => import("./routes/job.tsx"), "JobScreen"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/jobs/$jobName/state",
    component: lazyRouteComponent(() => import("./routes/state.tsx"), "StateScreen"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/failures",
    validateSearch: parseFailuresSearch,
    component: lazyRouteComponent(() => import("./routes/failures.tsx"), "Failures"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/schedules",
    validateSearch: parseSchedulesSearch,
    component: lazyRouteComponent(() => import("./routes/schedules.tsx"), "Schedules"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/metrics",
    validateSearch: parseMetricsSearch,
    component: lazyRouteComponent(() => import("./routes/metrics.tsx"), "MetricsScreen"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/datasets",
    validateSearch: parseDatasetsSearch,
    component: lazyRouteComponent(() => import("./routes/datasets.tsx"), "Datasets"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/datasets/$dataset",
    component: lazyRouteComponent(() => import("./routes/dataset.tsx"), "DatasetScreen"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/streams",
    validateSearch: parseStreamsSearch,
    component: lazyRouteComponent(() => import("./routes/streams/streams.tsx"), "Streams"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/streams/topics/$topic",
    validateSearch: parseTopicSearch,
    component: lazyRouteComponent(() => import("./routes/streams/topic.tsx"), "TopicScreen"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/streams/groups/$group",
    component: lazyRouteComponent(() => import("./routes/streams/group.tsx"), "GroupScreen"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/streams/dead-letters/$letter",
    component: lazyRouteComponent(() => import("./routes/streams/dead-letter.tsx"), "DeadLetterScreen"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/checks",
    validateSearch: parseChecksSearch,
    component: lazyRouteComponent(() => import("./routes/checks.tsx"), "Checks"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/collection",
    validateSearch: parseCollectionSearch,
    component: lazyRouteComponent(() => import("./routes/collection.tsx"), "CollectionScreen"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/delivery",
    validateSearch: parseDeliverySearch,
    component: lazyRouteComponent(() => import("./routes/teams/delivery.tsx"), "DeliveryScreen"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/sprints",
    validateSearch: parseSprintsSearch,
    component: lazyRouteComponent(() => import("./routes/teams/sprints.tsx"), "SprintsScreen"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/workflows",
    validateSearch: parseWorkflowsSearch,
    component: lazyRouteComponent(() => import("./routes/teams/workflows.tsx"), "WorkflowsScreen"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/connections",
    component: lazyRouteComponent(() => import("./routes/connections.tsx"), "Connections"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/notifications",
    validateSearch: parseNotificationsSearch,
    component: lazyRouteComponent(() => import("./routes/notifications.tsx"), "Notifications"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/settings",
    validateSearch: parseSettingsSearch,
    component: lazyRouteComponent(() => import("./routes/settings.tsx"), "Settings"),
  }),
]);

/** One for the page. A screen's code is fetched when a link to it is hovered or focused. */
export const router = createRouter({
  routeTree,
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  defaultPreloadDelay: 50,
  scrollRestoration: true,
  defaultPendingComponent: ScreenSkeleton,
  defaultPendingMs: 200,
  defaultErrorComponent: ({ error, reset }) => <ErrorState error={error} retry={reset} />,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
