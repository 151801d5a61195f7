import { count } from "../../data/format";
import { memberName } from "../../data/members";
import { type Cell, indicatorOf } from "../../data/select";
import { type Column, DataTable } from "../../parts/DataTable";
import { Definition } from "../../parts/Definition";
import { Figure } from "../../parts/Figure";
import { figures } from "../../parts/sheet";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { LABOUR } from "../../words/labour";
import { PARTS } from "../../words/parts";
import { GRADUATES } from "./figures";
import { pairOf } from "./Heat";

/** The heat map as rows to sort, with what is divided by what. */
export function Pairs({ cells, year }: { cells: readonly Cell[]; year: string }) {
  const site = useSite();
  const { catalogue, name, lang } = site;
  const say = useWords(LABOUR);
  const parts = useWords(PARTS);
  const field = (cell: Cell) => name(memberName(catalogue, "field", pairOf(cell.member)[0]));
  const occupation = (cell: Cell) => name(memberName(catalogue, "occupation", pairOf(cell.member)[1]));
  const indicator = indicatorOf(catalogue, GRADUATES.code, GRADUATES.method);
  const heads = (cell: Cell, value: number | null) => (value === null ? parts(cell.status) : count(value, lang));
  const columns: Column<Cell>[] = [
    { key: "field", label: say("field"), isHead: true, sort: field, cell: field },
    { key: "occupation", label: say("occupation"), sort: occupation, cell: occupation },
    { key: "ratio", label: say("ratio"), isNumber: true, sort: (cell) => cell.value, cell: (cell) => <Figure point={cell} unit="ratio" /> },
    { key: "vacancies", label: say("vacancies"), isNumber: true, sort: (cell) => cell.numerator, cell: (cell) => heads(cell, cell.numerator) },
    { key: "graduates", label: say("graduates"), isNumber: true, sort: (cell) => cell.denominator, cell: (cell) => heads(cell, cell.denominator) },
    {
      key: "define", label: parts("definition"),
      cell: (cell) => indicator && (
        <Definition indicator={indicator} point={cell} area={cell.area} dimension="field_occupation" member={cell.member} sheet={() => figures(site, indicator, cells)} />
      ),
    },
  ];
  return (
    <details class="as-table">
      <summary>{say("pairs")}</summary>
      <DataTable caption={say("pairsCaption", { year })} columns={columns} rows={cells} rowKey={(cell) => cell.member} sortBy="ratio" isDown dense />
    </details>
  );
}
