// Classes of the style sheets that no component gives to an element: styles that were left behind.

export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** Elements that the chart library makes. */
const foreignClasses = /^(?:u-|uplot)/;

/**
 * A class is used when a component names it, or names its beginning before a value: the text `dialog-` followed by `${`.
 *
 * @param styles style sheets @param components source in which classes are named
 */
export function findUnusedClasses(styles: readonly TextFile[], components: readonly TextFile[]): string[] {
  const source = components.map(({ text }) => text).join("\n");
  const words = new Set(source.match(/[\w-]+/g));
  const beginnings = [...source.matchAll(/([\w-]+-)\$\{/g)].map(([, beginning = ""]) => beginning);
  return styles.flatMap(({ path, text }) =>
    listClasses(text)
      .filter((name) => !words.has(name) && !beginnings.some((each) => name.startsWith(each)))
      .filter((name) => !foreignClasses.test(name))
      .map((name) => `${path}: no component has the class \`${name}\``),
  );
}

/** The classes of all selectors, each once. */
function listClasses(css: string): string[] {
  const bare = css.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/"[^"]*"/g, "");
  const selectors = [...bare.matchAll(/([^{};]+)\{/g)].map(([, selector = ""]) => selector.trim());
  const classes = selectors
    .filter((each) => !each.startsWith("@"))
    .flatMap((each) => each.match(/\.[a-zA-Z][\w-]*/g) ?? []);
  return [...new Set(classes.map((name) => name.slice(1)))];
}
