// `node:sqlite` announces that it is young; the person who runs a job cannot do anything about it.

/** Prints all other warnings of Node as before. */
export function quietSqlite(): void {
  const [printWarning] = process.listeners("warning");
  process.removeAllListeners("warning");
  process.on("warning", (warning) => {
    if (warning.name !== "ExperimentalWarning" || !warning.message.includes("SQLite")) printWarning?.(warning);
  });
}
