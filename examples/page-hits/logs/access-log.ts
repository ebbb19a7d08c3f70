// Lines of the access log of a shop, as web servers write them (combined log format). The same seed gives the same bytes: pages are
// asked for by Zipf's law, and some lines are broken, as they are where a disk was full, a client sent rubbish or a quote was lost.

export interface AccessLogOptions {
  /** Any whole number. Default 1. */
  readonly seed?: number;
  /** How many pages the shop has. Default 100,000. */
  readonly pages?: number;
  /** How steep Zipf's law is: 0 asks for all pages alike. Default 1. */
  readonly skew?: number;
  /** The share of all requests that one page gets on top, from 0 to 1. Default 0. */
  readonly hotShare?: number;
  /** Broken lines in a million. Default 1,000. */
  readonly badPerMillion?: number;
}

/** What the lines so far have in them: what a count has to come to. */
export interface AccessLogTally {
  readonly lines: number;
  readonly badLines: number;
  /** How often each page was asked for, by its place in `paths`. */
  readonly hits: Uint32Array;
  readonly paths: readonly string[];
}

/** A log that goes on for as long as it is asked. */
export class AccessLog {
  readonly #chance: Chance;
  readonly #paths: readonly string[];
  readonly #hits: Uint32Array;
  readonly #pages: Uint32Array;
  readonly #badEvery: number;
  readonly #hotLimit: number;
  #nowMs = Date.parse("2026-03-01T00:00:00Z");
  #second = -1;
  #instant = "";
  #lines = 0;
  #badLines = 0;
  #untilBad: number;

  constructor({ seed = 1, pages = 100_000, skew = 1, hotShare = 0, badPerMillion = 1000 }: AccessLogOptions = {}) {
    this.#chance = new Chance(seed);
    this.#paths = Array.from({ length: pages }, (_, page) => pathOf(page));
    this.#hits = new Uint32Array(pages);
    this.#pages = spreadByZipf(pages, skew);
    this.#badEvery = badPerMillion === 0 ? Number.POSITIVE_INFINITY : 1_000_000 / badPerMillion;
    this.#untilBad = this.#nextGap();
    this.#hotLimit = Math.round(hotShare * 65_536);
  }

  get tally(): AccessLogTally {
    return { lines: this.#lines, badLines: this.#badLines, hits: this.#hits, paths: this.#paths };
  }

  /** Lines, each with its end, until there are at least so many bytes. All are ASCII, if not all of them letters. */
  next(bytes: number): Buffer {
    let text = "";
    while (text.length < bytes) text += this.#line();
    return Buffer.from(text, "latin1");
  }

  #line(): string {
    this.#lines += 1;
    const page = this.#nextPage();
    const line = this.#request(this.#paths[page] ?? "/");
    this.#untilBad -= 1;
    if (this.#untilBad > 0) {
      this.#hits[page] = (this.#hits[page] ?? 0) + 1;
      return line;
    }
    this.#untilBad = this.#nextGap();
    this.#badLines += 1;
    return this.#spoil(line);
  }

  #nextPage(): number {
    if (this.#hotLimit > 0 && this.#chance.below(65_536) < this.#hotLimit) return 0;
    return this.#pages[this.#chance.below(this.#pages.length)] ?? 0;
  }

  // Between 1 and twice the mean.
  #nextGap(): number {
    return this.#badEvery === Number.POSITIVE_INFINITY ? this.#badEvery : 1 + this.#chance.below(2 * this.#badEvery);
  }

  #request(path: string): string {
    const { below } = this.#chance;
    const address = `${1 + below(223)}.${below(256)}.${below(256)}.${1 + below(254)}`;
    const what = below(methods.length);
    const bytes = 180 + below(60_000);
    const referrer = referrers[below(referrers.length)] ?? "-";
    return `${address} - ${users[below(users.length)] ?? "-"} [${this.#now()}] "${methods[what] ?? "GET"} ${path} HTTP/1.1" ${statuses[below(statuses.length)] ?? 200} ${bytes} "${referrer}" "${agents[below(agents.length)] ?? "-"}"\n`;
  }

  // Some 40 requests a second.
  #now(): string {
    this.#nowMs += this.#chance.below(50);
    const second = Math.floor(this.#nowMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      const [date = "", time = ""] = new Date(second * 1000).toISOString().split(/[T.]/);
      const [year = "", month = "", day = ""] = date.split("-");
      this.#instant = `${day}/${months[Number(month) - 1] ?? ""}/${year}:${time} +0000`;
    }
    return this.#instant;
  }

  #spoil(line: string): string {
    const { below } = this.#chance;
    const quote = line.indexOf('"');
    switch (below(4)) {
      case 0: // the disk was full somewhere before the end of the request
        return `${line.slice(0, 10 + below(quote))}\n`;
      case 1: // the client spoke another protocol
        return `${line.slice(0, quote + 1)}\u0016\u0003\u0001\u0000${rubbish(this.#chance)}" 400 0 "-" "-"\n`;
      case 2: // the quote in front of the request was lost
        return line.slice(0, quote) + line.slice(quote + 1);
      default:
        // the one behind it
        return line.replace(' HTTP/1.1" ', " HTTP/1.1 ");
    }
  }
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const methods = ["GET", "GET", "GET", "GET", "GET", "GET", "HEAD", "POST"];
const statuses = [200, 200, 200, 200, 200, 200, 200, 304, 301, 404, 500];
const users = ["-", "-", "-", "-", "-", "-", "ada", "grace"];
const referrers = ["-", "-", "-", "https://example.com/", "https://example.com/search?q=a+b", "https://news.example/"];
const agents = [
  "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X)",
  "curl/8.14.1",
  "Mozilla/5.0 (compatible; ExampleBot/2.1)",
];
const sections = ["shop", "blog", "help", "tag", "img"];

function pathOf(page: number): string {
  if (page === 0) return "/";
  const section = sections[page % sections.length] ?? "";
  return page % 7 === 0 ? `/${section}/${page}?ref=mail&n=${page % 13}` : `/${section}/item-${page}`;
}

/** As many places as chance can be cut into; a page has as many of them as its share, and at least one. */
function spreadByZipf(pages: number, skew: number): Uint32Array {
  const weights = Float64Array.from({ length: pages }, (_, page) => (page + 1) ** -skew);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const places = new Uint32Array(Math.max(1 << 20, pages * 16));
  let place = 0;
  let share = 0;
  for (const [page, weight] of weights.entries()) {
    share += weight;
    const end = Math.max(place + 1, Math.round((share / total) * (places.length - pages + page + 1)));
    places.fill(page, place, end);
    place = end;
  }
  return places.fill(0, place);
}

/** Bytes below those of letters, none of which ends a line. */
function rubbish({ below }: Chance): string {
  return Array.from({ length: 12 }, () => String.fromCharCode(14 + below(18))).join("");
}

/** Numbers that look like chance and are the same for the same seed. @see https://www.jstatsoft.org/article/view/v008i14 (xorshift) */
class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed + 1, 2_654_435_761) | 1;
  }

  /** A whole number from 0 to below `limit`. */
  readonly below = (limit: number): number => {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return Math.floor(((state >>> 0) / 4_294_967_296) * limit);
  };
}
