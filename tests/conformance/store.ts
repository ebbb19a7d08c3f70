// The contract of the store port. Every adapter runs this suite; what it does not say, callers must not rely on.
import { describe } from "vitest";
import { describeAccess } from "./store/control/access.ts";
import { describeConnecting } from "./store/control/connecting.ts";
import { describeRequesting } from "./store/control/requesting.ts";
import type { CreateStore } from "./store/store-fixture.ts";
import { describeBrowsing } from "./store/browse/browsing.ts";
import { describeBrowsingJobs } from "./store/browse/browsing-jobs.ts";
import { describeBrowsingLogs } from "./store/browse/browsing-logs.ts";
import { describeBrowsingTimes } from "./store/browse/browsing-times.ts";
import { describeControlling } from "./store/control/controlling.ts";
import { describeControllingMany } from "./store/control/controlling-many.ts";
import { describeBinding } from "./store/work/binding.ts";
import { describeExchanging } from "./store/work/exchanging.ts";
import { describeExplaining } from "./store/browse/explaining.ts";
import { describeExpecting } from "./store/control/expecting.ts";
import { describeFiguring } from "./store/work/figuring.ts";
import { describeFindings } from "./store/browse/findings.ts";
import { describeFeeding } from "./store/feeding.ts";
import { describeGraphs } from "./store/browse/graphs.ts";
import { describeLimiting } from "./store/control/limiting.ts";
import { describeKeeping } from "./store/work/keeping.ts";
import { describeListing } from "./store/browse/listing.ts";
import { describeNotifying } from "./store/notifying.ts";
import { describeOddText } from "./store/odd-text.ts";
import { describeRacing } from "./store/work/racing.ts";
import { describeRandomHistories } from "./store/work/random-history.ts";
import { describeRecording } from "./store/work/recording.ts";
import { describeRecordingAtOnce } from "./store/work/recording-at-once.ts";
import { describeRecovering } from "./store/work/recovering.ts";
import { describeRunTimes } from "./store/browse/run-times.ts";
import { describeSchedules } from "./store/control/schedules.ts";
import { describeSettling } from "./store/work/settling.ts";
import { describeSharing } from "./store/control/sharing.ts";
import { describeSpawning } from "./store/work/spawning.ts";
import { describeSubmitting } from "./store/work/submitting.ts";
import { describeUpkeep } from "./store/upkeep.ts";
import { describeCollecting } from "./store/work/collecting.ts";
import { describeWatermarks } from "./store/work/watermarks.ts";
import { describeWindows } from "./store/control/windows.ts";
import { describeJobCheckpoints } from "./store/work/job-checkpoints.ts";

/** Declares the suite for one adapter; `createStore` makes a fresh, empty store for each test. */
export function describeStoreContract(name: string, createStore: CreateStore): void {
  describe(`${name} store`, () => {
    describe("work comes in", () => {
      describeSubmitting(createStore);
    });
    describe("runs share workers", () => {
      describeSharing(createStore);
    });
    describe("runs are bound to a worker", () => {
      describeBinding(createStore);
    });
    describe("limits hold", () => {
      describeLimiting(createStore);
    });
    describe("leases end", () => {
      describeSettling(createStore);
    });
    describe("runs depend on each other", () => {
      describeGraphs(createStore);
    });
    describe("workers die", () => {
      describeRecovering(createStore);
    });
    describe("runs write down where they are", () => {
      describeRecording(createStore);
    });
    describe("runs ask services", () => {
      describeExchanging(createStore);
    });
    describe("runs record figures", () => {
      describeFiguring(createStore);
    });
    describe("jobs and datasets are expected in time", () => {
      describeExpecting(createStore);
    });
    describe("people look at a run", () => {
      describeFindings(createStore);
    });
    describe("workers talk to the same services", () => {
      describeConnecting(createStore);
    });
    describe("requests that change something elsewhere are written down", () => {
      describeRequesting(createStore);
    });
    describe("servers follow what happens", () => {
      describeFeeding(createStore);
    });
    describe("people are told", () => {
      describeNotifying(createStore);
    });
    describe("schedules fire", () => {
      describeSchedules(createStore);
    });
    describe("windows are filled once", () => {
      describeWindows(createStore);
    });
    describe("people control runs", () => {
      describeControlling(createStore);
    });
    describe("people control jobs, pipelines and the orchestrator", () => {
      describeControllingMany(createStore);
    });
    describe("processes write at the same time", () => {
      describeRecordingAtOnce(createStore);
    });
    describe("text that no database keeps", () => {
      describeOddText(createStore);
    });
    describe("runs have times of their own", () => {
      describeRunTimes(createStore);
    });
    describe("runs are listed", () => {
      describeListing(createStore);
    });
    describe("runs are searched", () => {
      describeBrowsing(createStore);
      describeBrowsingJobs(createStore);
      describeBrowsingLogs(createStore);
      describeBrowsingTimes(createStore);
    });
    describe("runs start runs", () => {
      describeSpawning(createStore);
    });
    describe("the store stays small", () => {
      describeKeeping(createStore);
    });
    describe("the store explains itself", () => {
      describeExplaining(createStore);
    });
    describe("people and workers act at once", () => {
      describeRacing(createStore);
    });
    describe("the store knows how things are", () => {
      describeUpkeep(createStore);
    });
    describe("callers and what they did", () => {
      describeAccess(createStore);
    });
    describe("jobs know how far they have read", () => {
      describeWatermarks(createStore);
      describeCollecting(createStore);
    });
    describe("people change checkpoints", () => {
      describeJobCheckpoints(createStore);
    });
    describe("anything happens", () => {
      describeRandomHistories(createStore);
    });
  });
}
