import { useMemo } from "preact/hooks";
import { amount, unitFor, unitName } from "../../data/format";
import { useValues } from "../../data/load";
import { areasAt, type Cell, cells, PROVINCE } from "../../data/select";
import type { Area, ValuesFile } from "../../data/types";
import { Await } from "../../parts/Await";
import { Chart, TOOLTIP } from "../../parts/Chart";
import { PALETTE } from "../../parts/colours";
import { type Column, DataTable } from "../../parts/DataTable";
import { Figure } from "../../parts/Figure";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { GAPS } from "../../words/gaps";
import { PARTS } from "../../words/parts";
import type { At } from "./at";
import { TODAY } from "./splits";
import { strips } from "./strips";

/** Each county as a dot in its group, so that a reader sees how much of the gap a single county shows. */
export function EveryCounty({ at }: { at: At }) {
  const { realm } = useSite();
  const { indicator } = at;
  const isHeld = indicator.has[realm]?.dimensions.includes("total") && indicator.has[realm]?.levels.includes("county");
  const values = useValues(realm, isHeld ? indicator.code : null, indicator.method);
  return <Await of={values} absent={null}>{(file) => <Strips at={at} file={file} />}</Await>;
}

interface Row {
  county: Area;
  cell: Cell | undefined;
  isOne: boolean;
}

const isShown = (row: Row) => row.cell?.status === "published" && row.cell.value !== null;

function Strips({ at, file }: { at: At; file: ValuesFile }) {
  const { indicator, split, all, period } = at;
  const { catalogue, lang, name, link } = useSite();
  const say = useWords(GAPS);
  const parts = useWords(PARTS);
  const unit = unitFor(indicator);
  const found = new Map(cells(file).filter((each) => each.period === period).map((each) => [each.area, each]));
  const rows = areasAt(catalogue, "county")
    .filter((county) => found.has(county.code))
    .map((county): Row => ({ county, cell: found.get(county.code), isOne: county.groups.includes(split.list!) }));
  const shown = rows.filter(isShown);
  const group = (member: string) => all.find((each) => each.area === PROVINCE && each.member === member && each.period === period);
  const option = useMemo(
    () =>
      strips(
        [split.one, split.other].map((each, index) => ({
          name: each[lang],
          colour: PALETTE[index === 0 ? 1 : 0],
          mean: group(each.member)?.value ?? null,
          dots: shown.filter((row) => row.isOne === (index === 0)).map((row) => ({ name: name(row.county), value: row.cell!.value! })),
        })),
        { unit: unitName(unit, lang), told: (value) => amount(value, unit, lang) },
        TOOLTIP,
      ),
    [file, all, period, lang],
  );
  if (!shown.length) return null;
  const columns: Column<Row>[] = [
    {
      key: "county", label: parts("area"), isHead: true, sort: (row) => name(row.county),
      cell: (row) => <a href={link({ view: "brief", area: row.county.code })}>{name(row.county)}</a>,
    },
    { key: "group", label: parts("group"), sort: (row) => Number(row.isOne), cell: (row) => (row.isOne ? split.one : split.other)[lang] },
    { key: "value", label: name(indicator), isNumber: true, sort: (row) => row.cell?.value ?? null, cell: (row) => <Figure point={row.cell} unit={unit} /> },
  ];
  const facts = {
    name: name(indicator), period, one: split.one[lang], other: split.other[lang],
    n: shown.filter((row) => row.isOne).length, m: shown.filter((row) => !row.isOne).length,
  };
  const unshown = rows.length - shown.length;
  return (
    <section aria-labelledby="every">
      <h2 id="every">{say("everyCounty")}</h2>
      <p class="soft">{say("everyCountyLead")} {split.dimension === TODAY && say("everyCountyToday")}</p>
      <Chart
        option={option} height={260} label={say("everyCountyLabel", facts)}
        table={<DataTable caption={say("everyCountyLabel", facts)} columns={columns} rows={rows} rowKey={(row) => row.county.code} sortBy="value" isDown dense />}
      />
      {unshown > 0 && <p class="small soft">{say("unshown", { number: unshown })}</p>}
    </section>
  );
}
