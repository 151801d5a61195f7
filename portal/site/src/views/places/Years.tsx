import { number } from "../../data/format";
import { pastError } from "../../data/forecast";
import type { Cell } from "../../data/select";
import type { Point } from "../../data/types";
import { PALETTE } from "../../parts/colours";
import { DataTable } from "../../parts/DataTable";
import { Figure } from "../../parts/Figure";
import type { Line } from "../../parts/lines";
import { LineChart } from "../../parts/LineChart";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { PLACES } from "../../words/places";

/** A forecast over its years as a band, after the counted years before it. */
export function Years({ label, unit, points, before = [] }: { label: string; unit: string; points: readonly Cell[]; before?: readonly Point[] }) {
  const { lang } = useSite();
  const say = useWords(PLACES);
  if (points.length === 0) return null;
  const periods = [...new Set([...before, ...points].map((each) => each.period))].sort();
  const lines: Line[] = [
    ...(before.length ? [{ name: say("pupils"), colour: PALETTE[6], points: before }] : []),
    { name: say("forecast"), colour: PALETTE[0], points, hasBand: true, isDashed: true },
  ];
  const bound = (value: number | null) => (value === null ? "—" : number(value, unit, lang));
  const isTested = (point: Cell) => {
    const error = pastError(point.note);
    return error === null ? "—" : say(error.isBeyond ? "no" : "yes");
  };
  const table = (
    <DataTable
      caption={label}
      columns={[
        { key: "period", label: say("period"), isHead: true, sort: (point: Cell) => point.period, cell: (point: Cell) => point.period },
        { key: "value", label: say("value"), isNumber: true, sort: (point: Cell) => point.value, cell: (point: Cell) => <Figure point={point} unit={unit} /> },
        { key: "low", label: say("low"), isNumber: true, sort: (point: Cell) => point.low, cell: (point: Cell) => bound(point.low) },
        { key: "high", label: say("high"), isNumber: true, sort: (point: Cell) => point.high, cell: (point: Cell) => bound(point.high) },
        { key: "tested", label: say("status"), cell: isTested },
      ]}
      rows={points}
      rowKey={(point) => point.period}
    />
  );
  return <LineChart periods={periods} lines={lines} unit={unit} label={label} table={table} height={300} />;
}
