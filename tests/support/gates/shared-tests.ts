// Tests that share a process with others must leave its modules as they are. A module mock takes hold only of what nobody has
// loaded yet, and of what comes later also in the tests of others.
import type { SourceFile } from "./architecture.ts";

/** Where tests share a process, as `vitest.config.ts` has it. */
const sharedFolders: readonly string[] = ["src/", "tests/integration/"];

/** `vi.mock` and the like in tests that share a process. */
export function findModuleMocks(files: readonly SourceFile[]): string[] {
  const shared = files.filter(({ path }) => sharedFolders.some((folder) => path.startsWith(folder)));
  return shared.flatMap(({ path, text }) =>
    text
      .split("\n")
      .flatMap((line, index) =>
        /\bvi\.(?:mock|doMock|resetModules)\(/.test(line)
          ? [
              `${path}:${index + 1}: a test that mocks a module needs a process of its own: move it to \`tests/conformance\``,
            ]
          : [],
      ),
  );
}
