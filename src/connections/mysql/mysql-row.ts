// A row of MySQL as it comes.

/** Bytes of the values of one row, in the order of the columns. */
export type MysqlRow = readonly (Buffer | null)[];
