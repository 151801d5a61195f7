import { difference, number, unitFor } from "../../data/format";
import { useParities } from "../../data/load";
import { indicatorOf } from "../../data/select";
import type { Indicator, ParitiesFile } from "../../data/types";
import { Await } from "../../parts/Await";
import { type Column, DataTable } from "../../parts/DataTable";
import { subjectName, titleAmong } from "../../parts/Pickers";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { GAPS } from "../../words/gaps";
import { PARTS } from "../../words/parts";
import { Balance } from "./Balance";
import { definitionOf } from "./derived";
import { pairOf, type Split } from "./splits";

type Row = ParitiesFile["rows"][number] & { of: Indicator };

/** The same two groups in every indicator, farthest from parity first: where to look next. */
export function Everything({ split }: { split: Split }) {
  const { catalogue, realm } = useSite();
  const parities = useParities(definitionOf(catalogue, "parity_index")?.has[realm] ? realm : null);
  return <Await of={parities} absent={null}>{(file) => <Table split={split} file={file} />}</Await>;
}

function Table({ split, file }: { split: Split; file: ParitiesFile }) {
  const { catalogue, lang, name, link } = useSite();
  const say = useWords(GAPS);
  const parts = useWords(PARTS);
  const rows = file.rows.flatMap((row): Row[] => {
    const of = row.pair === pairOf(split) ? indicatorOf(catalogue, row.indicator, row.method) : undefined;
    return of ? [{ ...row, of }] : [];
  });
  if (rows.length < 2) return null;
  const all = rows.map((row) => row.of);
  const columns: Column<Row>[] = [
    {
      key: "name", label: parts("indicator"), isHead: true, sort: (row) => name(row.of),
      cell: (row) => <a href={link({ indicator: row.indicator, method: row.method, dimension: split.dimension, period: null })}>{titleAmong(row.of, all, name)}</a>,
    },
    { key: "parity", label: say("perHundred", { b: split.other[lang] }), isNumber: true, sort: (row) => apart(row.parity), cell: (row) => (row.parity === null ? parts(row.status) : number(100 * row.parity, "pct", lang)) },
    { key: "picture", label: say("balance"), cell: (row) => <Balance parity={row.parity} /> },
    { key: "gap", label: say("gap"), isNumber: true, cell: (row) => (row.gap === null ? "—" : difference(row.gap, unitFor(row.of), lang)) },
    { key: "period", label: parts("period"), sort: (row) => row.period, cell: (row) => row.period },
    { key: "subject", label: parts("group"), sort: (row) => row.of.subject, cell: (row) => subjectName(row.of.subject, parts), isExtra: true },
  ];
  return (
    <section aria-labelledby="everything">
      <h2 id="everything">{say("everything", { a: split.one[lang], b: split.other[lang] })}</h2>
      <p class="soft">{say("everythingLead", { a: split.one[lang], b: split.other[lang] })}</p>
      <DataTable caption={say("everything", { a: split.one[lang], b: split.other[lang] })} quietCaption columns={columns} rows={rows} rowKey={(row) => row.indicator + row.method} sortBy="parity" isDown dense />
    </section>
  );
}

/** How far from parity, either way alike: the adjusted index does the same. */
function apart(parity: number | null): number | null {
  if (parity === null) return null;
  return Math.abs(parity > 1 ? 1 - 1 / parity : 1 - parity);
}
