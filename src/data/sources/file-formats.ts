// The formats of files that can be read: one line each, and everything about a format is in its folder.
export { arrow } from "./arrow/format.ts";
export { avro } from "./avro/format.ts";
export { csv } from "./csv/format.ts";
export { json } from "./json/format.ts";
export { parquet } from "./parquet/format.ts";
export { save } from "./save/format.ts";
export { spreadsheet } from "./spreadsheet/format.ts";
export { text } from "./text/format.ts";
export { xml } from "./xml/format.ts";
