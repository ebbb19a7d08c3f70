// Texts that a folder's name could change, cut or not hold, for tables that are partitioned by them.

/** Short texts of which each is a value of its own. */
export const oddTexts: readonly string[] = [
  "..",
  ".",
  "tail.",
  "tail ",
  " ",
  "NULL",
  "a/b=c d%",
  "%41",
  "x[1]*?",
  "C:\\x",
  "'\"",
  "\n\t",
  "\u007F",
  "é",
  "e\u0301",
  "🙂",
  "A",
  "a",
];

/** Texts of three bytes a character that fit into a folder's name. */
export const wideTexts: readonly string[] = [27, 28, 80].map((length) => "東".repeat(length));

/** Texts that no folder can be named after. */
export const namelessTexts: readonly string[] = ["__HIVE_DEFAULT_PARTITION__", "東".repeat(85), "x".repeat(5_000)];
