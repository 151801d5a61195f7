import { amount, count, day } from "../../data/format";
import { indicatorOf } from "../../data/select";
import type { Indicator } from "../../data/types";
import { type Column, DataTable } from "../../parts/DataTable";
import { keyOf, SUBJECTS, subjectName, titleAmong } from "../../parts/Pickers";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { CHANGES } from "../../words/changes";
import { PARTS } from "../../words/parts";
import type { Viewable } from "../view";
import { Every } from "./Every";
import "./look.css";

function Page() {
  const { catalogue, realm, lang, term, link, name } = useSite();
  const say = useWords(CHANGES);
  const parts = useWords(PARTS);
  const { id, previous_id, published_at, note } = catalogue.release;
  if (previous_id === null) return <p class="sum">{say("first")}</p>;
  const revised = (each: Indicator) => each.has[realm]?.revised ?? 0;
  const rows = catalogue.indicators.filter((each) => revised(each) > 0);
  if (!rows.length) return <p class="sum">{say("none")}</p>;
  const chosen = term("indicator") ? indicatorOf(catalogue, term("indicator"), term("method")) : undefined;
  const share = (each: Indicator) => (100 * revised(each)) / Math.max(1, each.has[realm]!.published + each.has[realm]!.withheld);
  const columns: Column<Indicator>[] = [
    {
      key: "name", label: say("indicator"), isHead: true, sort: (row) => name(row),
      cell: (row) => (
        <a
          href={link(row === chosen ? { indicator: null, method: null, why: null, show: null } : { indicator: row.code, method: row.method, why: null, show: null })}
          aria-current={row === chosen ? "true" : undefined}
        >
          {titleAmong(row, rows, name)}
        </a>
      ),
    },
    { key: "subject", label: say("subject"), sort: (row) => SUBJECTS.indexOf(row.subject), cell: (row) => subjectName(row.subject, parts) },
    { key: "number", label: say("number"), isNumber: true, sort: revised, cell: (row) => count(revised(row), lang) },
    { key: "share", label: say("share"), isNumber: true, sort: share, cell: (row) => amount(Math.min(100, share(row)), "pct", lang) },
  ];
  return (
    <>
      <p class="sum">
        {say("sum", { before: previous_id, after: id, indicators: rows.length, numbers: count(rows.reduce((sum, each) => sum + revised(each), 0), lang) })}
      </p>
      <p class="soft">{day(published_at, lang)}{note && ` · ${note}`} · {say("sumNote")}</p>
      {chosen && revised(chosen) > 0 && <Every key={keyOf(chosen)} indicator={chosen} />}
      <section>
        <h2 id="indicators">{say("byIndicator")}</h2>
        <DataTable caption={say("byIndicator")} quietCaption columns={columns} rows={rows} rowKey={keyOf} sortBy="number" isDown dense />
      </section>
    </>
  );
}

export const View: Viewable = {
  id: "changes",
  title: { zh: "数字为什么变了", en: "What changed, and why" },
  lead: {
    zh: "这次发布改了哪些已公布的数字，改了多少，因为哪家单位的报送、定义还是计算方法。",
    en: "Which published figures this release changed, by how much, and because of whose deliveries, a definition or the way they are computed.",
  },
  Page,
};
