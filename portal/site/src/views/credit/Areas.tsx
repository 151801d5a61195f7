import { count } from "../../data/format";
import type { Cell } from "../../data/select";
import type { Area, Indicator } from "../../data/types";
import { type Column, DataTable } from "../../parts/DataTable";
import { Definition } from "../../parts/Definition";
import { Download } from "../../parts/Download";
import { Figure } from "../../parts/Figure";
import { LevelPicker, useAreasBelow } from "../../parts/Levels";
import { PeriodPicker } from "../../parts/Pickers";
import { figures } from "../../parts/sheet";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { CREDIT } from "../../words/credit";
import { PARTS } from "../../words/parts";

/** The rate by learners of every area in one year. */
export function Areas({ indicator, cells, year, periods }: { indicator: Indicator; cells: readonly Cell[]; year: string; periods: readonly string[] }) {
  const site = useSite();
  const { name, link, go, lang } = site;
  const say = useWords(CREDIT);
  const parts = useWords(PARTS);
  const ofYear = cells.filter((each) => each.period === year);
  const at = (area: Area) => ofYear.find((each) => each.area === area.code);
  const below = useAreasBelow((area) => at(area) !== undefined);
  const heads = (cell: Cell | undefined, value: number | null | undefined) => (value == null ? parts(cell?.status ?? "no_number") : count(value, lang));
  const columns: Column<Area>[] = [
    { key: "area", label: say("area"), isHead: true, sort: (area) => name(area), cell: (area) => <a href={link({ area: area.code })}>{name(area)}</a> },
    { key: "rate", label: say("rate"), isNumber: true, sort: (area) => at(area)?.value ?? null, cell: (area) => <Figure point={at(area)} unit="pct" /> },
    { key: "accounts", label: say("accounts"), isNumber: true, sort: (area) => at(area)?.denominator ?? null, cell: (area) => heads(at(area), at(area)?.denominator) },
    { key: "recognised", label: say("recognised"), isNumber: true, sort: (area) => at(area)?.numerator ?? null, cell: (area) => heads(at(area), at(area)?.numerator) },
    { key: "define", label: parts("definition"), cell: (area) => <Definition indicator={indicator} point={at(area)} area={area.code} sheet={() => figures(site, indicator, ofYear)} /> },
  ];
  const isAllWithheld = ofYear.length > 0 && ofYear.every((each) => each.status === "withheld");
  if (below.areas.length === 0) return null;
  return (
    <section class="by-area" aria-labelledby="credit-areas">
      <h2 id="credit-areas">{say("areas")}</h2>
      <div class="controls">
        <PeriodPicker periods={periods} value={year} onPick={(period) => go({ period })} />
        <LevelPicker {...below} />
        <Download sheet={() => figures(site, indicator, ofYear)} />
      </div>
      {isAllWithheld && <p>{say("allWithheld", { year })}</p>}
      <DataTable caption={say("areasCaption", { year })} columns={columns} rows={below.areas} rowKey={(area) => area.code} dense />
    </section>
  );
}
