import { amount, number } from "../../data/format";
import { pastError } from "../../data/forecast";
import type { Cell } from "../../data/select";
import type { Area } from "../../data/types";
import { type Column, DataTable } from "../../parts/DataTable";
import { Figure } from "../../parts/Figure";
import { LevelPicker, useAreasBelow } from "../../parts/Levels";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { PARTS } from "../../words/parts";
import { PLACES } from "../../words/places";
import { isNumber } from "./figures";

/** One stage in one year, area by area. */
export function Areas({ year, stage, stageName, places, teachers }: { year: string; stage: string; stageName: string; places: readonly Cell[]; teachers: readonly Cell[] }) {
  const { name, link, lang } = useSite();
  const say = useWords(PLACES);
  const parts = useWords(PARTS);
  const at = (all: readonly Cell[], area: Area) => all.find((each) => each.area === area.code && each.period === year && each.member === stage);
  const below = useAreasBelow((area) => (at(places, area) ?? at(teachers, area)) !== undefined);
  const need = (key: string, label: string, unit: string, all: readonly Cell[]): Column<Area>[] => [
    {
      key, label, isNumber: true, sort: (area) => at(all, area)?.value ?? null,
      cell: (area) => {
        const cell = at(all, area);
        return (
          <>
            <Figure point={cell} unit={unit} />
            {isNumber(cell) && cell.low !== null && cell.high !== null && (
              <span class="soft between">({number(cell.low, unit, lang)}–{number(cell.high, unit, lang)})</span>
            )}
          </>
        );
      },
    },
    {
      key: `${key} error`, label: say("wrong"), isNumber: true, sort: (area) => pastError(at(all, area)?.note ?? null)?.mapePct ?? null,
      cell: (area) => {
        const mape = pastError(at(all, area)?.note ?? null)?.mapePct;
        return mape == null ? "—" : amount(mape, "pct", lang);
      },
    },
  ];
  const columns: Column<Area>[] = [
    { key: "area", label: parts("area"), isHead: true, sort: (area) => name(area), cell: (area) => <a href={link({ area: area.code })}>{name(area)}</a> },
    ...need("places", say("placesNeeded"), "places", places),
    ...need("teachers", say("teachersNeeded"), "persons", teachers),
  ];
  if (below.areas.length === 0) return null;
  return (
    <section class="by-area" aria-labelledby="places-areas">
      <h2 id="places-areas">{say("counties")}</h2>
      <div class="controls"><LevelPicker {...below} /></div>
      <DataTable caption={say("countiesCaption", { year, stage: stageName })} columns={columns} rows={below.areas} rowKey={(area) => area.code} dense />
    </section>
  );
}
