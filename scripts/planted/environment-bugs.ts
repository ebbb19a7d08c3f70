// Slips in environments, module roots and references to secrets, and where the suites must notice each of them.
import { bug, integration, type PlantedBug, unit } from "./planted-bug.ts";

export const environmentBugs: readonly PlantedBug[] = [
  bug("a store is opened whatever environment it belongs to", "runs of production execute with settings for trying", {
    file: "src/app/open-store.ts",
    from: "if (environment !== options.owner.environment) throw",
    to: 'if (environment === "") throw',
    suites: [integration("tests/integration/open-store.test.ts")],
  }),
  bug("`null` of an environment is a value as any other", "a connection cannot become one of another kind", {
    file: "src/project/environments/config-layers.ts",
    from: "if (value === null) merged.delete(name);",
    to: "if (value === undefined) merged.delete(name);",
    suites: [unit("src/project/environments/config-layers.test.ts")],
  }),
  bug("a parameter is read as it is encrypted", "the cipher text is taken for the password, and no error says so", {
    file: "src/connections/secrets/aws-secrets.ts",
    from: "WithDecryption: true",
    to: "WithDecryption: false",
    suites: [unit("src/connections/secrets/aws-secrets.test.ts")],
  }),
];
