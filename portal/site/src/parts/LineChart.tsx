import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { useSite } from "../site";
import { useWords } from "../words";
import { PARTS } from "../words/parts";
import { Chart } from "./Chart";
import { type Line, linesOption } from "./lines";
import "./lines.css";

interface Props {
  periods: readonly string[];
  lines: readonly Line[];
  unit: string;
  label: string;
  table: ComponentChildren;
  height?: number;
}

/** Lines over the years with their names above and their table below. */
export function LineChart({ periods, lines, unit, label, table, height = 320 }: Props) {
  const { lang } = useSite();
  const say = useWords(PARTS);
  const option = useMemo(() => linesOption(periods, lines, { unit, lang, say }), [JSON.stringify([periods, lines]), unit, lang]);
  const named = lines.filter((line) => !line.isQuiet);
  return (
    <>
      {named.length > 1 && (
        <ul class="line-names" aria-hidden="true">
          {named.map((line) => (
            <li key={line.name}>
              <svg width="18" height="10" viewBox="0 0 18 10"><path d="M0 5h18" stroke={line.colour} stroke-width="2.4" stroke-dasharray={line.isDashed ? "4 3" : undefined} /><circle cx="9" cy="5" r="3.6" fill={line.colour} /></svg>
              {line.name}
            </li>
          ))}
        </ul>
      )}
      <Chart option={option} label={label} height={height} table={table} />
    </>
  );
}
