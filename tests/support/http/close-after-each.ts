// Closes what a test opened before the test is looked at for leaks.
import { afterEach } from "vitest";

/** To be called at the top of a test file. @returns a function that remembers what to close, and gives it back */
export function closeAfterEach(): <Resource extends AsyncDisposable>(resource: Resource) => Resource {
  const resources: AsyncDisposable[] = [];
  afterEach(async () => {
    // The latest first, as a stack would: agents before the servers that they talk to.
    for (const resource of resources.splice(0).toReversed()) await resource[Symbol.asyncDispose]();
  });
  return (resource) => {
    resources.push(resource);
    return resource;
  };
}
