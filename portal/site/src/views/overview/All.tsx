import { unitFor } from "../../data/format";
import { holdings, newest, PROVINCE, seriesOf } from "../../data/select";
import type { AreaFile, Indicator, Point } from "../../data/types";
import { type Column, DataTable } from "../../parts/DataTable";
import { Definition } from "../../parts/Definition";
import { Figure } from "../../parts/Figure";
import { found, indicatorsHeld, keyOf, Select, SUBJECTS, subjectName } from "../../parts/Pickers";
import { figures } from "../../parts/sheet";
import { Trend } from "../../parts/Trend";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { OVERVIEW } from "../../words/overview";
import { PARTS } from "../../words/parts";

/** The newest figure; many an indicator is published by group alone, which is not the same as missing. */
function Newest({ points, unit }: { points: readonly Point[]; unit: string }) {
  const say = useWords(PARTS);
  return points.length ? <Figure point={newest(points)} unit={unit} /> : <span class="soft small">{say("byGroup")}</span>;
}

/** Every indicator of the realm in one table, found by name, subject and whether the last release changed it. */
export function All({ file }: { file: AreaFile }) {
  const site = useSite();
  const { catalogue, realm, name, link, go, term } = site;
  const say = useWords(OVERVIEW);
  const parts = useWords(PARTS);
  const isRevisedOnly = term("show") === "revised";
  const subject = term("subject");
  const choices = indicatorsHeld(catalogue, realm)
    .filter((each) => (!subject || each.subject === subject) && (!isRevisedOnly || (holdings(each, realm)?.revised ?? 0) > 0))
    .map((each) => ({ value: keyOf(each), label: each.zh, also: `${each.en} ${each.code} ${each.method}`, indicator: each }));
  const rows = (found(choices, term("find")) as typeof choices)
    .map((each) => each.indicator)
    .sort((one, other) => SUBJECTS.indexOf(one.subject) - SUBJECTS.indexOf(other.subject));
  const points = (each: Indicator) => seriesOf(file, each.code, each.method);
  const columns: Column<Indicator>[] = [
    {
      key: "name", label: parts("indicator"), isHead: true, sort: (each) => name(each),
      cell: (each) => <a href={link({ view: "counties", indicator: each.code, method: each.method })}>{name(each)}</a>,
    },
    { key: "subject", isExtra: true, label: say("subject"), sort: (each) => SUBJECTS.indexOf(each.subject), cell: (each) => subjectName(each.subject, parts) },
    { key: "value", label: say("newest"), isNumber: true, cell: (each) => <Newest points={points(each)} unit={unitFor(each)} /> },
    { key: "period", isExtra: true, label: parts("period"), sort: (each) => newest(points(each))?.period ?? null, cell: (each) => newest(points(each))?.period ?? "—" },
    { key: "trend", isExtra: true, label: say("trend"), cell: (each) => <Trend points={points(each)} unit={unitFor(each)} label={name(each)} /> },
    {
      key: "held", isExtra: true, label: say("held"), isNumber: true, sort: (each) => holdings(each, realm)!.published,
      cell: (each) => `${holdings(each, realm)!.published} / ${holdings(each, realm)!.withheld}`,
    },
    {
      key: "define", isExtra: true, label: parts("definitionShort"),
      cell: (each) => (
        <Definition label={parts("definitionShort")} indicator={each} point={newest(points(each))} area={PROVINCE}
          sheet={() => figures(site, each, points(each).map((one) => ({ ...one, area: PROVINCE })), unitFor(each))} />
      ),
    },
  ];
  return (
    <section aria-labelledby="all">
      <h2 id="all">{say("all")}</h2>
      <div class="controls">
        <div class="pick">
          <label for="find">{say("filter")}</label>
          <input id="find" type="search" value={term("find")} onInput={(event) => go({ find: event.currentTarget.value }, "replace")} />
        </div>
        <Select
          label={say("subject")}
          value={subject}
          choices={[{ value: "", label: say("allSubjects") }, ...SUBJECTS.map((each) => ({ value: each, label: subjectName(each, parts) }))]}
          onPick={(value) => go({ subject: value })}
        />
        <label class="tick">
          <input type="checkbox" checked={isRevisedOnly} onChange={() => go({ show: isRevisedOnly ? null : "revised" })} />
          {say("onlyRevised")}
        </label>
        <p class="soft small" role="status">{say("shown", { number: rows.length })}</p>
      </div>
      <DataTable caption={say("all")} quietCaption columns={columns} rows={rows} rowKey={keyOf} dense />
    </section>
  );
}
