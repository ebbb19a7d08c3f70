// Some browsers name a language that Intl refuses, such as `en-US@posix` where the system has none; the chart library asks Intl
// for that language while it is loaded. Import this before it: afterwards the browser names one that works.

try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, "language", { value: navigator.language.split("@")[0] ?? "en", configurable: true });
}
