import type { ReactNode } from "react";

interface Column<Row> {
  id: string;
  name: string;
  cell: (row: Row) => ReactNode;
  /** Numbers stand at the end. */
  isNumber?: boolean;
  /** Left out on a phone. */
  isExtra?: boolean;
}

interface TableProps<Row> {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  idOf: (row: Row) => string;
}

const styleOf = ({ isNumber, isExtra }: { isNumber?: boolean; isExtra?: boolean }) =>
  `px-4 py-3 ${isNumber ? "text-end tabular-nums" : "text-start"} ${isExtra ? "hidden sm:table-cell" : ""}`;

/** A plain table; the first column names its row. */
export function Table<Row>({ label, columns, rows, idOf }: TableProps<Row>) {
  return (
    <div className="overflow-x-auto rounded-lg border border-line bg-surface">
      <table aria-label={label} className="w-full border-collapse text-sm">
        <thead className="border-b border-line bg-sunken text-faint">
          <tr>
            {columns.map((column) => (
              <th key={column.id} scope="col" className={`${styleOf(column)} py-2 font-medium`}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {rows.map((row) => (
            <tr key={idOf(row)} className="hover:bg-hover/50">
              {columns.map((column, index) =>
                index === 0 ? (
                  <th key={column.id} scope="row" className={`${styleOf(column)} font-medium`}>
                    {column.cell(row)}
                  </th>
                ) : (
                  <td key={column.id} className={styleOf(column)}>
                    {column.cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
