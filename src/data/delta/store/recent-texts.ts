// Texts of small objects that were read lately. Each time the service is asked whether it still has that one, which costs a short answer
// instead of the text.
import type { ObjectText } from "../../../connections/s3/s3-service.ts";

/** Forgets what was not read for longest when all texts together become too long. */
export class RecentTexts {
  readonly #texts = new Map<string, ObjectText>();
  #length = 0;

  /** @param read given what is known of the object, gives what is there now */
  async read(
    place: string,
    read: (known: ObjectText | undefined) => Promise<ObjectText | undefined>,
  ): Promise<string | undefined> {
    const found = await read(this.#texts.get(place));
    this.#forget(place);
    if (found === undefined) return undefined;
    this.#texts.set(place, found);
    this.#length += found.text.length;
    for (const [oldest] of this.#texts) {
      if (this.#length <= maxLength) break;
      this.#forget(oldest);
    }
    return found.text;
  }

  #forget(place: string): void {
    this.#length -= this.#texts.get(place)?.text.length ?? 0;
    this.#texts.delete(place);
  }
}

/** Characters of all texts. */
const maxLength = 32 * 1024 ** 2;
