// What is true of an organisation, written down while it is made: the figures that jobs over its rows have to find.

/** A service is what is deployed as one; patterns of environments are exact names, or regular expressions between slashes. */
export interface TrueService {
  readonly name: string;
  readonly repositories: readonly string[];
  readonly environments?: readonly string[];
}

/** A deployment to production that succeeded and counts once for its service. */
export interface TrueDeployment {
  readonly service: string;
  readonly repositoryId: number;
  readonly deploymentId: number;
  readonly environment: string;
  readonly deployedAt: string;
  readonly isBaseline: boolean;
  readonly isFailed: boolean;
  /** Null while it is not restored, and where it never failed. */
  readonly restoredAt: string | null;
  readonly isUnplanned: boolean;
}

/** The stages of a pull request in whole seconds; null for a stage that did not happen. */
export interface TrueChange {
  readonly service: string;
  readonly repositoryId: number;
  readonly number: number;
  /** Null when it is not deployed, or was deployed by the first deployment that is known. */
  readonly deploymentId: number | null;
  readonly codingSeconds: number | null;
  readonly pickupSeconds: number | null;
  readonly reviewSeconds: number | null;
  readonly mergeWaitSeconds: number | null;
  readonly deploySeconds: number | null;
  readonly leadSeconds: number | null;
}

export interface TrueIssue {
  readonly issueId: string;
  readonly startedAt: string | null;
  readonly doneAt: string | null;
  readonly leadSeconds: number | null;
  readonly cycleSeconds: number | null;
}

/** Points, and how many issues they are of. */
export interface TrueSprint {
  readonly sprintId: number;
  readonly boardId: number;
  readonly committedPoints: number;
  readonly addedPoints: number;
  readonly removedPoints: number;
  readonly completedPoints: number;
  readonly carriedOverPoints: number;
  readonly committedIssues: number;
  readonly completedIssues: number;
  readonly unestimatedIssues: number;
}

export interface Truth {
  readonly services: readonly TrueService[];
  readonly deployments: readonly TrueDeployment[];
  readonly changes: readonly TrueChange[];
  readonly issues: readonly TrueIssue[];
  readonly sprints: readonly TrueSprint[];
}
