/** Rows as `COPY` of one server gives them and that of another takes them: `PassingRows` in messages of the protocol. */
export const copyFormat = "postgres-copy";
