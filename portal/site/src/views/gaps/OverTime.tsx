import { useMemo } from "preact/hooks";
import { unitFor, unitName } from "../../data/format";
import { cells, pointsOf } from "../../data/select";
import type { Point } from "../../data/types";
import { Chart, TOOLTIP } from "../../parts/Chart";
import { PALETTE } from "../../parts/colours";
import { type Column, DataTable } from "../../parts/DataTable";
import { Figure } from "../../parts/Figure";
import { keyOf } from "../../parts/Pickers";
import { spoken } from "../../parts/sheet";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { GAPS } from "../../words/gaps";
import { PARTS } from "../../words/parts";
import { Difference } from "./Difference";
import { definitionOf, useDerived } from "./derived";
import type { At } from "./at";
import { lines } from "./lines";
import { pairOf } from "./splits";

/** Whether the gap closes: both groups over the years, and beside them gap and parity as a table. */
export function OverTime({ at }: { at: At }) {
  const { indicator, split, file, all, area } = at;
  const site = useSite();
  const { catalogue, realm, lang, name } = site;
  const say = useWords(GAPS);
  const parts = useWords(PARTS);
  const unit = unitFor(indicator);
  const one = pointsOf(all, area, split.one.member);
  const other = pointsOf(all, area, split.other.member);
  const gaps = usePast("gap_absolute", at);
  const parities = usePast("parity_index", at);
  const periods = file.periods.filter((period) => [one, other].some((points) => points.some((each) => each.period === period)));
  const option = useMemo(
    () =>
      lines(
        periods,
        [
          { name: split.one[lang], colour: PALETTE[1], points: one },
          { name: split.other[lang], colour: PALETTE[0], points: other },
        ],
        { unit: unitName(unit, lang), gap: say("gap"), told: (point) => (point ? spoken(site, point, unit) : parts("no_number")) },
        TOOLTIP,
      ),
    [file, area, lang],
  );
  const on = (points: readonly Point[], period: string) => points.find((each) => each.period === period);
  const columns: Column<string>[] = [
    { key: "period", label: parts("period"), isHead: true, sort: (period) => period, cell: (period) => period },
    { key: "one", label: split.one[lang], isNumber: true, cell: (period) => <Figure point={on(one, period)} unit={unit} /> },
    { key: "other", label: split.other[lang], isNumber: true, cell: (period) => <Figure point={on(other, period)} unit={unit} /> },
    { key: "gap", label: say("gap"), isNumber: true, cell: (period) => <Difference point={on(gaps, period)} unit={unit} /> },
    { key: "parity", label: nameOf("parity_index"), isNumber: true, cell: (period) => <Figure point={on(parities, period)} unit="index" /> },
  ];
  function nameOf(kind: "parity_index") {
    const defined = definitionOf(catalogue, kind);
    return defined ? name(defined) : kind;
  }
  const facts = { name: name(indicator), one: split.one[lang], other: split.other[lang], first: periods[0] ?? "", last: periods.at(-1) ?? "" };
  if (periods.length < 2) return <p class="soft">{say("onePeriod", { period: periods[0] ?? at.period })}</p>;
  return (
    <section aria-labelledby="years">
      <h2 id="years">{say("overTime")}</h2>
      <Chart
        option={option} height={320} label={say("overTimeLabel", facts)}
        table={<DataTable caption={say("overTimeLabel", facts)} columns={columns} rows={periods} rowKey={(period) => period} dense />}
      />
    </section>
  );

  function usePast(kind: "gap_absolute" | "parity_index", { indicator: made }: At): Point[] {
    const loaded = useDerived(catalogue, realm, kind, keyOf(made));
    return loaded.is === "here" ? pointsOf(cells(loaded.data), area, pairOf(split)) : [];
  }
}
