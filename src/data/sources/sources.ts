// The kinds of sources that rows can come from: one line each, and everything about a kind is in its folder.
export { dataset } from "./dataset/source.ts";
export { delta } from "./delta/source.ts";
export { file } from "./file/source.ts";
export { http } from "./http/source.ts";
export { sql } from "./sql/source.ts";
export { topic } from "./topic/source.ts";
