import { useMemo } from "preact/hooks";
import { amount, distanceInWords, unitFor } from "../../data/format";
import type { Indicator, Point } from "../../data/types";
import { Chart } from "../../parts/Chart";
import { type Column, DataTable } from "../../parts/DataTable";
import { Definition } from "../../parts/Definition";
import { Download } from "../../parts/Download";
import { Figure } from "../../parts/Figure";
import { figures, type Sheet } from "../../parts/sheet";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { COMPARE } from "../../words/compare";
import { PARTS } from "../../words/parts";
import { isNumber, type Line, lineOption, periodsOf, versionChanges } from "./lines";
import type { Side } from "./sides";
import { Swatch } from "./Swatch";
import { course, pointAt } from "./words";

export interface Compared extends Line {
  side: Side;
  points: Point[];
}

/** One indicator by one method, over all periods. */
export function OverTime({ indicator, lines }: { indicator: Indicator; lines: readonly Compared[] }) {
  const site = useSite();
  const { name, lang } = site;
  const say = useWords(COMPARE);
  const parts = useWords(PARTS);
  const unit = unitFor(indicator);
  const periods = periodsOf(lines);
  const what = lines.map((each) => `${each.side.key} ${each.points.length}`).join();
  const option = useMemo(() => lineOption({ lines, unit, lang, word: parts }), [what, indicator, lang]);
  const sheet = () => sheetOf(site, indicator, lines, unit);
  const label = say("chartOf", {
    indicator: name(indicator), first: periods[0] ?? "", last: periods.at(-1) ?? "", names: lines.map((each) => each.name).join(say("between")),
  });
  const columns: Column<Compared>[] = [
    { key: "side", label: say("side"), isHead: true, cell: (each) => <span class="of-line"><Swatch place={lines.indexOf(each)} /> {each.name}</span> },
    ...periods.map((period) => ({
      key: period, label: period, isNumber: true, sort: (each: Compared) => pointAt(each, period)?.value ?? null,
      cell: (each: Compared) => <Figure point={pointAt(each, period)} unit={unit} />,
    })),
  ];
  const table = <DataTable caption={say("table", { indicator: name(indicator) })} quietCaption dense columns={columns} rows={lines} rowKey={(each) => each.side.key} />;
  return (
    <section aria-labelledby="over-time">
      <div class="heading">
        <h2 id="over-time">{name(indicator)}</h2>
        <Definition indicator={indicator} unit={unit} sheet={sheet} />
        <Download sheet={sheet} />
      </div>
      <InWords lines={lines} unit={unit} />
      {periods.length > 1 ? <Chart option={option} label={label} height={380} table={table} /> : table}
      <div class="notes small soft">
        {periods.length > 1 && lines.some((line) => !line.points.every(isNumber)) && <p>{say("ring")}</p>}
        <p>{say("oneMethod", { method: indicator.method })}</p>
        <Versions lines={lines} />
      </div>
    </section>
  );
}

/** The difference, said. */
function InWords({ lines, unit }: { lines: readonly Compared[]; unit: string }) {
  const { lang } = useSite();
  const say = useWords(COMPARE);
  const told = course(lines, (value) => distanceInWords(value, unit, lang));
  if (!told) return <p class="in-words">{say("nothingToSay")}</p>;
  const { first, last, trend } = told;
  const apart = (value: number) => distanceInWords(value, unit, lang);
  const facts = {
    period: last.period, high: last.high.name, highValue: amount(last.high.value, unit, lang), low: last.low.name,
    lowValue: amount(last.low.value, unit, lang), apart: apart(last.apart),
  };
  const isEven = facts.highValue === facts.lowValue;
  const since = trend && say(trend === "same" ? "unchanged" : trend, { period: first.period, apart: apart(first.apart) });
  return (
    <p class="in-words">
      {[say(isEven ? "same" : "ends", facts), since, last.without.length > 0 && say("without", { names: last.without.join(say("between")) })]
        .filter(Boolean).join(lang === "zh" ? "" : " ")}
    </p>
  );
}

/** Where figures of one line rest on different versions of a definition. */
function Versions({ lines }: { lines: readonly Compared[] }) {
  const say = useWords(COMPARE);
  return (
    <>
      {lines.flatMap((line) => versionChanges(line.points).map((each) => (
        <p key={`${line.side.key} ${each.period}`} class="footnote">{say("versions", { name: line.name, ...each })}</p>
      )))}
    </>
  );
}

/** The usual columns; of a group its breakdown and member stand in place of an area's name. */
export function sheetOf(site: ReturnType<typeof useSite>, indicator: Indicator, lines: readonly Compared[], unit: string): Sheet {
  const sheets = lines.map((line) =>
    figures(
      site, indicator,
      line.points.map((each) => ({ ...each, ...(line.side.kind === "area" ? { area: line.side.code } : { area: "330000", member: line.side.key }) })), unit,
    ),
  );
  const [first] = sheets;
  return { name: first?.name ?? indicator.code, columns: first?.columns ?? [], rows: sheets.flatMap((each) => each.rows) };
}
