import type { Cell } from "../../data/select";
import type { Area } from "../../data/types";
import { type Column, DataTable } from "../../parts/DataTable";
import { Figure } from "../../parts/Figure";
import { LevelPicker, useAreasBelow } from "../../parts/Levels";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { LABOUR } from "../../words/labour";
import { PARTS } from "../../words/parts";

/** Both ratios of every area in one year. */
export function Areas({ year, graduates, applicants }: { year: string; graduates: readonly Cell[]; applicants: readonly Cell[] }) {
  const { name, link } = useSite();
  const say = useWords(LABOUR);
  const parts = useWords(PARTS);
  const at = (all: readonly Cell[], area: Area) => all.find((each) => each.area === area.code && each.period === year);
  const below = useAreasBelow((area) => (at(graduates, area) ?? at(applicants, area)) !== undefined);
  const columns: Column<Area>[] = [
    { key: "area", label: parts("area"), isHead: true, sort: (area) => name(area), cell: (area) => <a href={link({ area: area.code })}>{name(area)}</a> },
    { key: "applicants", label: say("perApplicant"), isNumber: true, sort: (area) => at(applicants, area)?.value ?? null, cell: (area) => <Figure point={at(applicants, area)} unit="ratio" /> },
    { key: "graduates", label: say("perGraduate"), isNumber: true, sort: (area) => at(graduates, area)?.value ?? null, cell: (area) => <Figure point={at(graduates, area)} unit="ratio" /> },
  ];
  if (below.areas.length === 0) return null;
  return (
    <section class="by-area" aria-labelledby="labour-areas">
      <h2 id="labour-areas">{say("areas")}</h2>
      <div class="controls"><LevelPicker {...below} /></div>
      <DataTable caption={say("areasCaption", { year })} columns={columns} rows={below.areas} rowKey={(area) => area.code} dense />
    </section>
  );
}
