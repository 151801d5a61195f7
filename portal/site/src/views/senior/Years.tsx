import { useMemo } from "preact/hooks";
import { amount, unitName } from "../../data/format";
import { areaOf, at, seriesOf, targetOf } from "../../data/select";
import type { AreaFile, Point } from "../../data/types";
import { Chart, TOOLTIP } from "../../parts/Chart";
import { PALETTE } from "../../parts/colours";
import { type Column, DataTable } from "../../parts/DataTable";
import { Figure } from "../../parts/Figure";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { PARTS } from "../../words/parts";
import { SENIOR } from "../../words/senior";
import { banded } from "./bands";
import { CODE, type Way } from "./ways";
import { isWide, rangeOf } from "./ranges";

/** Both ways of taking part over the years, with range and target; nothing where there is one year alone. */
export function Years({ file, held }: { file: AreaFile; held: readonly Way[] }) {
  const { catalogue, realm, lang, name } = useSite();
  const say = useWords(SENIOR);
  const parts = useWords(PARTS);
  const series = held.map((way) => ({ way, points: seriesOf(file, CODE, way) }));
  const periods = [...new Set(series.flatMap((each) => each.points.map((point) => point.period)))].sort();
  const target = held.map((way) => targetOf(catalogue, realm, CODE, way, file.area, periods.at(-1) ?? "")).find((each) => each !== undefined);
  const told = (point: Point | undefined) => {
    const range = rangeOf(point);
    if (!range) return point ? parts(point.status) : parts("no_number");
    if (range.end) return parts(range.end === "at_most" ? "atMost" : "atLeast", { high: amount(range.value, "pct", lang), low: amount(range.value, "pct", lang) });
    const ends = isWide(range) ? ` (${parts("bounds", { low: amount(range.low, "pct", lang), high: amount(range.high, "pct", lang) })})` : "";
    return amount(range.value, "pct", lang) + ends;
  };
  const option = useMemo(
    () =>
      banded(
        periods,
        series.map((each, index) => ({ name: say(each.way), colour: PALETTE[index]!, points: each.points })),
        target?.value,
        { unit: unitName("pct", lang), told, target: target ? say("aimFor", { year: target.year, value: amount(target.value, "pct", lang) }) : "" },
        TOOLTIP,
      ),
    [file, lang],
  );
  if (periods.length < 2) return null;
  const area = areaOf(catalogue, file.area);
  const label = say("yearsLabel", { area: area ? name(area) : file.area, name: say("value"), first: periods[0]!, last: periods.at(-1)! });
  const columns: Column<string>[] = [
    { key: "period", label: parts("period"), isHead: true, sort: (period) => period, cell: (period) => period },
    ...series.map((each): Column<string> => ({
      key: each.way, label: say(each.way), isNumber: true, cell: (period) => <Figure point={at(each.points, period)} unit="pct" detail />,
    })),
  ];
  return (
    <section aria-labelledby="years">
      <h2 id="years">{say("years")}</h2>
      <Chart option={option} height={320} label={label} table={<DataTable caption={label} columns={columns} rows={periods} rowKey={(period) => period} dense />} />
    </section>
  );
}
