import { useMemo } from "preact/hooks";
import { amount, number, unitName } from "../../data/format";
import { indicatorOf } from "../../data/select";
import type { Point } from "../../data/types";
import { Chart, TOOLTIP } from "../../parts/Chart";
import { PALETTE } from "../../parts/colours";
import { type Column, DataTable } from "../../parts/DataTable";
import { Definition } from "../../parts/Definition";
import { Figure } from "../../parts/Figure";
import { figures } from "../../parts/sheet";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { PARTS } from "../../words/parts";
import { SENIOR } from "../../words/senior";
import { banded } from "./bands";

const UNIT = "persons";

/** How many will enrol at senior universities, with interval and past error; or which return the forecast waits for. */
export function Demand({ points, area }: { points: readonly Point[]; area: string }) {
  const site = useSite();
  const { catalogue, lang, link } = site;
  const say = useWords(SENIOR);
  const parts = useWords(PARTS);
  const indicator = indicatorOf(catalogue, "forecast_senior_learners");
  const periods = points.map((each) => each.period);
  const shown = points.filter((each) => each.status === "published" && each.value !== null);
  const told = (point: Point | undefined) =>
    point?.value != null ? `${amount(point.value, UNIT, lang)} (${number(point.low ?? point.value, UNIT, lang)}–${number(point.high ?? point.value, UNIT, lang)})` : point ? parts(point.status) : parts("no_number");
  const option = useMemo(
    () => banded(periods, [{ name: say("learners"), colour: PALETTE[2], points }], undefined, { unit: unitName(UNIT, lang), told, target: "" }, TOOLTIP),
    [points, lang],
  );
  const columns: Column<Point>[] = [
    { key: "period", label: parts("period"), isHead: true, cell: (row) => row.period },
    { key: "value", label: say("learners"), isNumber: true, cell: (row) => <Figure point={row} unit={UNIT} /> },
    { key: "low", label: say("low"), isNumber: true, cell: (row) => (row.low === null ? "—" : number(row.low, UNIT, lang)) },
    { key: "high", label: say("high"), isNumber: true, cell: (row) => (row.high === null ? "—" : number(row.high, UNIT, lang)) },
  ];
  const table = <DataTable caption={say("forecastLead")} columns={columns} rows={points} rowKey={(row) => row.period} dense />;
  const first = points[0];
  return (
    <section aria-labelledby="demand">
      <h2 id="demand">{say("forecast")}</h2>
      {!first && <p class="nothing">{say("forecastNone")}</p>}
      {first && !shown.length && (
        <p class="waits">
          <Figure point={first} unit={UNIT} />{" "}
          {first.status === "needs_input" && say("forecastWaits", { note: first.note ?? indicator?.missing_return ?? "" })}{" "}
          <a href={link({ view: "missing" })}>{say("seeMissing")}</a>
        </p>
      )}
      {shown.length > 0 && (
        <>
          <p class="soft">{say("forecastLead")}</p>
          {periods.length > 1 ? <Chart option={option} height={300} label={say("forecastLead")} table={table} /> : table}
          {shown.at(-1)!.note && <p class="small soft">{say("error", { note: shown.at(-1)!.note! })}</p>}
        </>
      )}
      {indicator && first && (
        <Definition
          indicator={indicator} point={shown.at(-1) ?? first} area={area}
          sheet={() => figures(site, indicator, points.map((each) => ({ ...each, area })), UNIT)}
        />
      )}
    </section>
  );
}
