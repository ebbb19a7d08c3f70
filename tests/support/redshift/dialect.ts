// Statements of Redshift in the words of Postgres, and a refusal of what Redshift does not know although Postgres does.

/** A refusal as the server words it. */
export class RedshiftRefusal extends Error {
  readonly state: string;
  constructor(state: string, message: string) {
    super(message);
    this.state = state;
  }
}

/** @throws RedshiftRefusal */
export function toPostgres(statement: string): string {
  const folded = statement.replaceAll(token, (part) => {
    if (part.startsWith("'")) return part;
    // names in quotes lose their capitals, too
    return part.startsWith('"') ? part.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()) : toWords(part);
  });
  return withoutLayout(folded);
}

const token = /'(?:[^'\\]|\\[^]|'')*'|"(?:[^"]|"")*"|[^'"]+/g;

function toWords(text: string): string {
  const refused = unknownWords.exec(text)?.[0];
  if (refused !== undefined) throw new RedshiftRefusal("42601", `syntax error at or near "${refused}"`);
  const setting = /^\s*SET (\w+)/i.exec(text)?.[1]?.toLowerCase();
  if (setting !== undefined && !knownSettings.includes(setting)) {
    throw new RedshiftRefusal("42704", `unrecognized configuration parameter "${setting}"`);
  }
  return text
    .replaceAll(/\bVARBYTE\(\d+\)/g, "bytea")
    .replaceAll("pg_catalog.format_type(", "redshift_builtin.format_type(");
}

/** Of Postgres, and nothing to Redshift. */
const unknownWords =
  /\b(?:to_regclass|to_regnamespace|pg_advisory\w*|hashtextextended|ON CONFLICT|GENERATED ALWAYS|CREATE INDEX|STDIN|STDOUT|jsonb?|to_json\w*|uuid|bytea|text|RETURNING|TRUNCATE)\b|\[\]/i;

/** @see https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_ConfigurationRef.html */
const knownSettings: readonly string[] = [
  "datestyle",
  "enable_case_sensitive_identifier",
  "extra_float_digits",
  "query_group",
  "search_path",
  "statement_timeout",
  "timezone",
];

function withoutLayout(statement: string): string {
  if (/^ALTER TABLE .*(?:ADD|DROP) COLUMN .*, (?:ADD|DROP) COLUMN/is.test(statement)) {
    throw new RedshiftRefusal("42601", 'syntax error at or near ","');
  }
  if (!/^CREATE TABLE/i.test(statement)) return statement;
  return statement.replace(
    /\)( DISTSTYLE (?:ALL|EVEN|KEY|AUTO))?( DISTKEY \("[^"]+"\))?( COMPOUND SORTKEY \("[^)]+"\))?$/,
    ")",
  );
}

/** Types and functions of Redshift in a database of Postgres. */
export const builtins = `
  create schema redshift_builtin;
  create domain redshift_builtin.super as text;
  create function redshift_builtin.json_parse(value text) returns redshift_builtin.super language sql as
    $$ select case when value::json is not null then value end $$;
  create function redshift_builtin.json_serialize(value redshift_builtin.super) returns text language sql as $$ select value::text $$;
  create function redshift_builtin.to_hex(value bytea) returns text language sql as $$ select encode(value, 'hex') $$;
  create function redshift_builtin.format_type(type oid, modifier int) returns text language sql as
    $$ select replace(pg_catalog.format_type(type, modifier), 'bytea', 'binary varying(1024000)') $$;
  create table redshift_builtin.sys_load_error_detail (session_id int, start_time timestamp default now(), column_name char(127),
    column_type char(10), error_code int, error_message char(512))`;
