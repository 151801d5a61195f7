import { amount, difference, unitFor } from "../../data/format";
import { useValues } from "../../data/load";
import { areaOf, type Cell, cells, indicatorOf, PROVINCE, targetOf } from "../../data/select";
import type { ValuesFile } from "../../data/types";
import { Await } from "../../parts/Await";
import { type Column, DataTable } from "../../parts/DataTable";
import { Download } from "../../parts/Download";
import { Figure } from "../../parts/Figure";
import { Select } from "../../parts/Pickers";
import { figures } from "../../parts/sheet";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { PARTS } from "../../words/parts";
import { SENIOR } from "../../words/senior";
import { CODE, type Way, WAYS } from "./ways";
import { RangeMark } from "./RangeMark";
import { rangeOf, scaleOf } from "./ranges";

/** Every county with its participation, range and share of seniors; way and level stand in the address. */
export function Where({ held }: { held: readonly Way[] }) {
  const { realm, term } = useSite();
  const way = held.find((each) => each === term("method")) ?? held.at(-1) ?? WAYS[0];
  const values = useValues(realm, held.length ? CODE : null, way);
  return <Await of={values} absent={null}>{(file) => <Table key={way} way={way} held={held} file={file} />}</Await>;
}

function Table({ way, held, file }: { way: Way; held: readonly Way[]; file: ValuesFile }) {
  const site = useSite();
  const { catalogue, realm, lang, name, go, term, link } = site;
  const say = useWords(SENIOR);
  const parts = useWords(PARTS);
  const residents = useValues(realm, indicatorOf(catalogue, "residents_60plus", "resident")?.has[realm] ? "residents_60plus" : null, "resident");
  const indicator = indicatorOf(catalogue, CODE, way)!;
  const unit = unitFor(indicator);
  const period = file.periods.at(-1)!;
  const level = term("level") === "prefecture" ? "prefecture" : "county";
  const rows = cells(file).filter((each) => each.period === period && areaOf(catalogue, each.area)?.level === level);
  const target = targetOf(catalogue, realm, CODE, way, PROVINCE, period);
  const most = scaleOf(rows.map(rangeOf), target?.value);
  const old = new Map((residents.is === "here" ? cells(residents.data) : []).filter((each) => each.period === period).map((each) => [each.area, each]));
  const title = (code: string) => {
    const found = areaOf(catalogue, code);
    return found ? name(found) : code;
  };
  const value = (row: Cell) => (row.status === "published" ? row.value : null);
  const columns: Column<Cell>[] = [
    { key: "area", label: parts("area"), isHead: true, sort: (row) => title(row.area), cell: (row) => <a href={link({ area: row.area })}>{title(row.area)}</a> },
    {
      key: "picture", label: say(target ? "picture" : "pictureBare", { low: "0", high: amount(most, unit, lang) }),
      cell: (row) => <RangeMark range={rangeOf(row)} most={most} target={target?.value} />,
    },
    { key: "value", label: say("value"), isNumber: true, sort: value, cell: (row) => <Figure point={row} unit={unit} /> },
    ...(target
      ? [{
          key: "distance", label: say("distance"), isNumber: true,
          sort: (row: Cell) => exact(row),
          cell: (row: Cell) => (exact(row) === null ? "—" : difference(exact(row)! - target.value, unit, lang)),
        }]
      : []),
    { key: "old", label: say("share60"), isNumber: true, sort: (row) => old.get(row.area)?.value ?? null, cell: (row) => <Figure point={old.get(row.area)} unit="pct" /> },
  ];
  return (
    <section aria-labelledby="where">
      <h2 id="where">{say("where")}</h2>
      <p class="soft">{say("whereLead")}</p>
      <div class="controls">
        <Select label={say("which")} value={way} choices={held.map((each) => ({ value: each, label: say(each) }))} onPick={(each) => go({ method: each })} />
        <Select
          label={say("level")} value={level} onPick={(each) => go({ level: each === "county" ? null : each })}
          choices={(["county", "prefecture"] as const).map((each) => ({ value: each, label: say(each) }))}
        />
        <Download sheet={() => figures(site, indicator, cells(file), unit)} />
      </div>
      <DataTable key={level} caption={`${name(indicator)}, ${period}`} columns={columns} rows={rows} rowKey={(row) => row.area} sortBy="value" isDown dense />
    </section>
  );
}

/** A number that is not itself a bound. */
function exact(row: Cell): number | null {
  const range = rangeOf(row);
  return range && !range.end ? range.value : null;
}
