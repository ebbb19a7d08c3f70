// Light or dark, more contrast or not: as the system says, until the reader says otherwise. Kept in this browser.

export interface Theme {
  readonly scheme: "system" | "light" | "dark";
  readonly contrast: "system" | "more";
}

const key = "millrace.theme";
const systemTheme: Theme = { scheme: "system", contrast: "system" };

/** What the reader chose; a store that is not there or holds nonsense means the system's. */
export function loadTheme(): Theme {
  try {
    const stored = JSON.parse(localStorage.getItem(key) ?? "{}") as Partial<Theme>;
    return {
      scheme: stored.scheme === "light" || stored.scheme === "dark" ? stored.scheme : "system",
      contrast: stored.contrast === "more" ? "more" : "system",
    };
  } catch {
    return systemTheme;
  }
}

export function saveTheme(theme: Theme): void {
  try {
    localStorage.setItem(key, JSON.stringify(theme));
  } catch {
    // A browser that keeps nothing: the choice holds for this page.
  }
  applyTheme(theme);
}

/** Marks the document; the colours follow in styles/tokens.css. */
export function applyTheme(theme: Theme = loadTheme()): void {
  const { dataset } = document.documentElement;
  if (theme.scheme === "system") delete dataset["scheme"];
  else dataset["scheme"] = theme.scheme;
  if (theme.contrast === "system") delete dataset["contrast"];
  else dataset["contrast"] = theme.contrast;
}
