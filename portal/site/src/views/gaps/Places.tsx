import { amount, unitFor } from "../../data/format";
import { areaOf, type Cell, cells } from "../../data/select";
import type { Level } from "../../data/types";
import { type Column, DataTable } from "../../parts/DataTable";
import { Download } from "../../parts/Download";
import { Figure } from "../../parts/Figure";
import { keyOf } from "../../parts/Pickers";
import { figures } from "../../parts/sheet";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { GAPS } from "../../words/gaps";
import { PARTS } from "../../words/parts";
import { Difference } from "./Difference";
import { definitionOf, useDerived } from "./derived";
import { Dumbbell } from "./Dumbbell";
import type { At } from "./at";
import { pairOf } from "./splits";

interface Row {
  area: string;
  one: Cell | undefined;
  other: Cell | undefined;
  gap: Cell | undefined;
  parity: Cell | undefined;
}

const value = (cell: Cell | undefined) => (cell?.status === "published" ? cell.value : null);

/** Every area with its two groups, widest gap first; what is withheld comes last and is called so. */
export function Places({ at }: { at: At }) {
  const { indicator, split, file, all, period } = at;
  const site = useSite();
  const { catalogue, realm, lang, name, term, go, link } = site;
  const say = useWords(GAPS);
  const parts = useWords(PARTS);
  const unit = unitFor(indicator);
  const gaps = useDerived(catalogue, realm, "gap_absolute", keyOf(indicator));
  const parities = useDerived(catalogue, realm, "parity_index", keyOf(indicator));
  const levels = (["prefecture", "county"] as const).filter((level) => file.areas.some((code) => areaOf(catalogue, code)?.level === level));
  if (!levels.length) return null;
  const level: Level = levels.find((each) => each === term("level")) ?? levels.at(-1)!;
  const byArea = (found: readonly Cell[], member: string) =>
    new Map(found.filter((each) => each.period === period && each.member === member).map((each) => [each.area, each]));
  const [ones, others] = [byArea(all, split.one.member), byArea(all, split.other.member)];
  const derived = (loaded: typeof gaps) => byArea(loaded.is === "here" ? cells(loaded.data) : [], pairOf(split));
  const [gapAt, parityAt] = [derived(gaps), derived(parities)];
  const rows = file.areas
    .filter((code) => areaOf(catalogue, code)?.level === level)
    .map((area): Row => ({ area, one: ones.get(area), other: others.get(area), gap: gapAt.get(area), parity: parityAt.get(area) }));
  const known = rows.flatMap((row) => [value(row.one), value(row.other)]).filter((each) => each !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const title = (area: string) => {
    const found = areaOf(catalogue, area);
    return found ? name(found) : area;
  };
  const columns: Column<Row>[] = [
    { key: "area", label: parts("area"), isHead: true, sort: (row) => title(row.area), cell: (row) => <a href={link({ area: row.area })}>{title(row.area)}</a> },
    {
      key: "picture", label: known.length ? say("picture", { low: amount(low, unit, lang), high: amount(high, unit, lang) }) : say("gap"),
      cell: (row) => <Dumbbell one={value(row.one)} other={value(row.other)} low={low} high={high} />,
    },
    { key: "one", label: split.one[lang], isNumber: true, sort: (row) => value(row.one), cell: (row) => <Figure point={row.one} unit={unit} /> },
    { key: "other", label: split.other[lang], isNumber: true, sort: (row) => value(row.other), cell: (row) => <Figure point={row.other} unit={unit} /> },
    { key: "gap", label: say("gap"), isNumber: true, sort: (row) => size(value(row.gap)), cell: (row) => <Difference point={row.gap ?? without(row)} unit={unit} /> },
    { key: "parity", label: titleOf(definitionOf(catalogue, "parity_index")), isNumber: true, sort: (row) => value(row.parity), cell: (row) => <Figure point={row.parity ?? without(row)} unit="index" /> },
  ];
  function titleOf(defined: ReturnType<typeof definitionOf>) {
    return defined ? name(defined) : "parity_index";
  }
  return (
    <section>
      <h2 id="where">{say("places")}</h2>
      <p class="soft">{say("placesLead")}</p>
      <div class="controls">
        {levels.length > 1 && (
          <fieldset class="choice">
            <legend>{say("level")}</legend>
            {levels.map((each) => (
              <button key={each} type="button" aria-pressed={each === level} onClick={() => go({ level: each })}>{say(each)}</button>
            ))}
          </fieldset>
        )}
        <Download sheet={() => figures(site, indicator, rows.flatMap((row) => [row.one, row.other].filter((each) => each !== undefined)), unit)} />
      </div>
      <DataTable key={level} caption={say("places")} quietCaption columns={columns} rows={rows} rowKey={(row) => row.area} sortBy="gap" isDown dense />
    </section>
  );
}

/** The part that is no number, where nothing could be made of the two. */
const without = (row: Row) => [row.one, row.other].find((each) => each?.status !== "published");
const size = (gap: number | null) => (gap === null ? null : Math.abs(gap));
