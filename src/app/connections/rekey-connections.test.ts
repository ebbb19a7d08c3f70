// Sealing anew what the store keeps: interrupted anywhere, and done again.
import { expect, test } from "vitest";
import { createSecretSeal } from "../../connections/registry/secret-seal.ts";
import type { SealedReplacement, SealedSecret } from "../../store/connections/connection-store.ts";
import { rekeyConnections } from "./rekey-connections.ts";

const [older, newer, foreign] = ["the older key of the two", "the newer key of the two", "a key that nobody gave"];
const both = createSecretSeal([newer, older]);

class Secrets {
  readonly texts = new Map<string, string>();
  /** What is replaced before the process dies. */
  left = Infinity;

  add(name: string, key: string): void {
    this.texts.set(name, createSecretSeal([key]).seal(`secret of ${name}`, `connection:${name}`));
  }

  async listSealed(): Promise<readonly SealedSecret[]> {
    return [...this.texts].map(([name, sealed]) => ({ kind: "connection", name, sealed }));
  }

  async replaceSealed({ name, sealed, by }: SealedReplacement): Promise<boolean> {
    if (this.left === 0) throw new Error("died");
    this.left -= 1;
    if (this.texts.get(name) !== sealed) return false;
    this.texts.set(name, by);
    return true;
  }

  open(key: string): readonly string[] {
    return [...this.texts].map(([name, sealed]) => createSecretSeal([key]).open(sealed, `connection:${name}`));
  }
}

test.each([0, 1, 2])("after a process that died behind %i secrets the next one does the rest", async (left) => {
  const secrets = new Secrets();
  for (const name of ["a", "b", "c"]) secrets.add(name, older);
  secrets.left = left;
  await expect(rekeyConnections(secrets, both)).rejects.toThrow("died");
  secrets.left = Infinity;
  expect(await rekeyConnections(secrets, both)).toEqual({ renewed: 3 - left, current: left });
  expect(secrets.open(newer)).toEqual(["secret of a", "secret of b", "secret of c"]);
});

test("a secret whose key is missing is told when the others are done", async () => {
  const secrets = new Secrets();
  secrets.add("a", foreign);
  secrets.add("b", older);
  await expect(rekeyConnections(secrets, both)).rejects.toMatchObject({
    code: "SECRET_UNREADABLE",
    message: expect.stringContaining("kept for `connection:a` was sealed with another key") as string,
    hint: expect.stringContaining("1 others are under the newest key") as string,
  });
  expect(() => secrets.open(newer)).toThrow("connection:a");
  secrets.texts.delete("a");
  expect(secrets.open(newer)).toEqual(["secret of b"]);
});

test("what somebody has saved meanwhile is left as it is", async () => {
  const secrets = new Secrets();
  secrets.add("a", older);
  const listed = await secrets.listSealed();
  secrets.listSealed = async () => listed;
  secrets.add("a", newer);
  expect(await rekeyConnections(secrets, both)).toEqual({ renewed: 0, current: 0 });
  expect(secrets.open(newer)).toEqual(["secret of a"]);
});
