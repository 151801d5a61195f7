import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { useWords } from "../words";
import { PARTS } from "../words/parts";

export interface Column<Row> {
  key: string;
  label: string;
  cell: (row: Row) => ComponentChildren;
  /** what rows are sorted by; null sorts last in either direction. Without it the column is not sortable. */
  sort?: (row: Row) => number | string | null;
  isNumber?: boolean;
  /** the row's own name, told with each of its cells */
  isHead?: boolean;
  /** left out on a phone, where it says nothing that a reader could not do without */
  isExtra?: boolean;
}

interface Props<Row> {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** the column sorted by at first, and whether downwards; unasked, rows stay in the order given */
  sortBy?: string;
  isDown?: boolean;
  /** hides the caption from the eye where a heading above says the same */
  quietCaption?: boolean;
  dense?: boolean;
}

/** Rows in an order: numbers before texts, nothing always last. */
export function sorted<Row>(rows: readonly Row[], by: (row: Row) => number | string | null, isDown: boolean): Row[] {
  const sign = isDown ? -1 : 1;
  return [...rows].sort((left, right) => {
    const [one, other] = [by(left), by(right)];
    if (one === null || other === null) return Number(one === null) - Number(other === null);
    if (typeof one === "number" && typeof other === "number") return sign * (one - other);
    return sign * String(one).localeCompare(String(other), "zh-CN", { numeric: true });
  });
}

function kind<Row>({ isNumber, isExtra }: Column<Row>): string {
  return [isNumber && "n", isExtra && "extra"].filter(Boolean).join(" ");
}

/** A table a reader can sort with mouse or keyboard. */
export function DataTable<Row>({ caption, columns, rows, rowKey, sortBy, isDown = false, quietCaption, dense }: Props<Row>) {
  const say = useWords(PARTS);
  const [order, setOrder] = useState<{ key: string | undefined; isDown: boolean }>({ key: sortBy, isDown });
  const by = columns.find((column) => column.key === order.key)?.sort;
  const shown = useMemo(() => (by ? sorted(rows, by, order.isDown) : rows), [rows, order.key, order.isDown]);
  return (
    <div class={`table${dense ? " dense" : ""}`} role="region" aria-label={caption} tabIndex={0}>
      <table>
        <caption class={quietCaption ? "unseen" : ""}>{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                class={kind(column)}
                aria-sort={order.key === column.key ? (order.isDown ? "descending" : "ascending") : undefined}
              >
                {column.sort ? (
                  <button
                    type="button"
                    title={say("sortBy", { column: column.label })}
                    onClick={() => setOrder({ key: column.key, isDown: order.key === column.key ? !order.isDown : Boolean(column.isNumber) })}
                  >
                    {column.label}
                    <span class="arrow" aria-hidden="true">{order.key === column.key ? (order.isDown ? "▼" : "▲") : "↕"}</span>
                  </button>
                ) : (
                  column.label
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column) =>
                column.isHead ? (
                  <th key={column.key} scope="row">{column.cell(row)}</th>
                ) : (
                  <td key={column.key} class={kind(column)}>{column.cell(row)}</td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
