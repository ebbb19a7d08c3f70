// Words that are no names of columns, tables or aliases unless they are in double quotes.

/** Words of the grammar, those that DuckDB keeps for itself, and those that stand for a value without brackets. */
export const reservedWords: ReadonlySet<string> = new Set(
  `all analyse analyze and anti any array as asc asof asymmetric at authorization between binary both by case cast check collate collation column concurrently constraint create
  cross current_catalog current_date current_role current_schema current_time current_timestamp current_user default deferrable desc
  describe distinct div do else end except exclude exists extract false fetch filter following for foreign freeze from full glob grant group
  having ilike in initially inner intersect interval into is isnull join lambda lateral leading left like limit localtime localtimestamp
  minus natural not notnull null nulls offset on only or order outer over overlaps partition pivot pivot_longer pivot_wider placing positional preceding primary qualify range
  references regexp replace returning right rlike rows select semi session_user show similar some summarize symmetric table tablesample
  then to trailing true try_cast unbounded union unpack unique unpivot user using values variadic verbose when where window with within`.split(
    /\s+/,
  ),
);
