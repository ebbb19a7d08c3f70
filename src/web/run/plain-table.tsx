// A short table of facts. Long lists are tables of their own kind, which draw only what is in sight.
import type { ReactElement, ReactNode } from "react";

export interface PlainColumn<Row> {
  readonly header: string;
  readonly cell: (row: Row) => ReactNode;
  readonly isNumber?: boolean;
}

export interface PlainTableProps<Row> {
  readonly label: string;
  readonly columns: readonly PlainColumn<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row, index: number) => string;
}

/** Scrolls sideways within itself; the first column heads the rows. On a narrow screen rows are cards. */
export function PlainTable<Row>({ label, columns, rows, keyOf }: PlainTableProps<Row>): ReactElement {
  return (
    <div className="scroll-x run-scroll" role="region" aria-label={label} tabIndex={0}>
      <table className="plain run-table">
        <thead>
          <tr>
            {columns.map(({ header, isNumber }) => (
              <th key={header} scope="col" data-align={isNumber === true ? "end" : undefined}>
                {header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={keyOf(row, index)}>
              {columns.map(({ header, cell, isNumber }, position) => {
                const align = isNumber === true ? "end" : undefined;
                return position === 0 ? (
                  <th key={header} scope="row" data-align={align}>
                    {cell(row)}
                  </th>
                ) : (
                  <td key={header} data-align={align} data-label={header}>
                    {cell(row)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
