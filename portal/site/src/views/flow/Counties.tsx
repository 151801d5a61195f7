import { METHOD_OF, MEMBERS, SECTORS } from "../../data/flows";
import { type Cell, indicatorOf } from "../../data/select";
import type { Area } from "../../data/types";
import { type Column, DataTable } from "../../parts/DataTable";
import { Download } from "../../parts/Download";
import { Figure } from "../../parts/Figure";
import { LevelPicker, useAreasBelow } from "../../parts/Levels";
import { Select } from "../../parts/Pickers";
import { figures } from "../../parts/sheet";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { FLOW } from "../../words/flow";
import { PARTS } from "../../words/parts";
import { lowered } from "./Sentences";

/** Learners of one sector by county of residence and next sector. */
export function Counties({ year, from, next, totals }: { year: string; from: string; next: readonly Cell[]; totals: readonly Cell[] }) {
  const site = useSite();
  const { catalogue, name, go, link } = site;
  const say = useWords(FLOW);
  const parts = useWords(PARTS);
  const ofYear = [...next, ...totals].filter((each) => each.period === year);
  const at = (area: Area, member: string) => ofYear.find((each) => each.area === area.code && each.member === member);
  const below = useAreasBelow((area) => at(area, "total") !== undefined);
  const missing = (area: Area) => {
    const total = at(area, "total");
    return total?.status === "published" ? undefined : total;
  };
  const columns: Column<Area>[] = [
    { key: "area", label: parts("area"), isHead: true, sort: (area) => name(area), cell: (area) => <a href={link({ area: area.code })}>{name(area)}</a> },
    ...[...MEMBERS, "total" as const].map((member): Column<Area> => ({
      key: member, label: say(member), isNumber: true, sort: (area) => at(area, member)?.value ?? null,
      cell: (area) => <Figure point={at(area, member) ?? missing(area)} unit="persons" />,
    })),
  ];
  const indicator = indicatorOf(catalogue, "learner_flow", METHOD_OF(from));
  const word = say(from as keyof typeof FLOW);
  const named = site.lang === "en" ? lowered(word) : word;
  if (below.areas.length === 0) return null;
  return (
    <section class="by-area" aria-labelledby="flow-counties">
      <h2 id="flow-counties">{say("counties")}</h2>
      <div class="controls">
        <Select label={say("origin")} value={from} choices={SECTORS.map((each) => ({ value: each, label: say(each) }))} onPick={(value) => go({ from: value })} />
        <LevelPicker {...below} />
        {indicator && <Download sheet={() => figures(site, indicator, ofYear)} />}
      </div>
      <DataTable caption={say("countiesOf", { year, from: named })} columns={columns} rows={below.areas} rowKey={(area) => area.code} dense />
    </section>
  );
}
