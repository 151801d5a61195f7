import { count } from "../../data/format";
import { useGaps } from "../../data/load";
import type { GapsFile } from "../../data/types";
import { Await } from "../../parts/Await";
import { type Column, DataTable } from "../../parts/DataTable";
import { Download } from "../../parts/Download";
import { SUBJECTS, subjectName } from "../../parts/Pickers";
import { fileName, type Sheet } from "../../parts/sheet";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { MISSING } from "../../words/missing";
import { PARTS } from "../../words/parts";
import type { Viewable } from "../view";
import { Details } from "./Details";
import { Hidden } from "./Hidden";
import { bySubject, RETURNS, type SubjectCount, type Waiting, waiting } from "./returns";
import "./look.css";

const MOST = 3;

function Page() {
  const gaps = useGaps();
  return (
    <>
      <Await of={gaps}>{(file) => <Told gaps={file} />}</Await>
      <Hidden />
    </>
  );
}

function Told({ gaps }: { gaps: GapsFile }) {
  const { catalogue, realm, lang, term } = useSite();
  const say = useWords(MISSING);
  const groups = waiting(gaps, realm);
  const chosen = groups.find((each) => each.key === term("return"));
  if (!groups.length) return <p class="sum">{say("nothing")}</p>;
  const numbers = groups.reduce((sum, each) => sum + each.numbers, 0);
  const indicators = new Set(groups.flatMap((each) => each.indicators)).size;
  return (
    <>
      <p class="sum">{say("sum", { numbers: count(numbers, lang), indicators, returns: groups.length })}</p>
      <Subjects rows={bySubject(catalogue, realm, groups).sort((one, other) => SUBJECTS.indexOf(one.subject) - SUBJECTS.indexOf(other.subject))} />
      <Returns groups={groups} chosen={chosen} />
    </>
  );
}

/** What each subject publishes, withholds and waits for. */
function Subjects({ rows }: { rows: SubjectCount[] }) {
  const { lang } = useSite();
  const say = useWords(MISSING);
  const parts = useWords(PARTS);
  const number = (key: "published" | "withheld" | "numbers", label: string): Column<SubjectCount> => ({
    key, label, isNumber: true, sort: (row) => row[key], cell: (row) => count(row[key], lang),
  });
  const columns: Column<SubjectCount>[] = [
    { key: "subject", label: say("subject"), isHead: true, sort: (row) => SUBJECTS.indexOf(row.subject), cell: (row) => subjectName(row.subject, parts) },
    number("published", say("published")),
    number("withheld", say("withheld")),
    number("numbers", say("missing")),
    { key: "indicators", label: say("waiting"), isNumber: true, sort: (row) => row.indicators, cell: (row) => count(row.indicators, lang) },
    { key: "shares", label: say("shares"), cell: (row) => <Shares row={row} /> },
  ];
  return (
    <section aria-labelledby="subjects">
      <h2 id="subjects">{say("bySubject")}</h2>
      <p class="key small" aria-hidden="true">
        {(["published", "withheld", "missing"] as const).map((each) => <span key={each} class={each}>{say(each)}</span>)}
      </p>
      <DataTable caption={say("bySubject")} quietCaption columns={columns} rows={rows} rowKey={(row) => row.subject} dense />
    </section>
  );
}

/** Published, withheld and missing as one bar, in that order; the cells beside it say the counts. */
function Shares({ row }: { row: SubjectCount }) {
  const all = row.published + row.withheld + row.numbers;
  const wide = (part: number) => (200 * part) / all;
  return (
    <svg class="stack" viewBox="0 0 200 14" width="200" height="14" aria-hidden="true">
      <rect class="published" width={wide(row.published)} height="14" />
      <rect class="withheld" x={wide(row.published)} width={wide(row.withheld)} height="14" />
      <rect class="missing" x={wide(row.published + row.withheld)} width={wide(row.numbers)} height="14" />
    </svg>
  );
}

function Returns({ groups, chosen }: { groups: Waiting[]; chosen: Waiting | undefined }) {
  const site = useSite();
  const { lang, link, realm, catalogue } = site;
  const say = useWords(MISSING);
  const title = (group: Waiting) => {
    const names = [...new Set(group.sources.map((each) => RETURNS[each]![lang]))];
    const more = names.length - MOST;
    const told = names.slice(0, MOST).join(lang === "zh" ? " ＋ " : " + ");
    return more > 0 ? `${told} ${say("more", { number: more })}` : told || say("nobody");
  };
  const senders = (group: Waiting) => [...new Set(group.sources.map((each) => RETURNS[each]!.by[lang]))].join(lang === "zh" ? "、" : ", ") || say("nobodyBy");
  const columns: Column<Waiting>[] = [
    {
      key: "return", label: say("return"), isHead: true, sort: title,
      cell: (row) => (
        <a href={link({ return: row === chosen ? null : row.key })} aria-current={row === chosen ? "true" : undefined}>{title(row)}</a>
      ),
    },
    { key: "numbers", label: say("numbers"), isNumber: true, sort: (row) => row.numbers, cell: (row) => count(row.numbers, lang) },
    { key: "indicators", label: say("waiting"), isNumber: true, sort: (row) => row.indicators.length, cell: (row) => count(row.indicators.length, lang) },
    { key: "areas", label: say("areas"), isNumber: true, sort: (row) => row.areas.length, cell: (row) => (row.areas.length ? count(row.areas.length, lang) : say("whole")) },
    { key: "years", label: say("years"), sort: (row) => row.years[0] ?? null, cell: (row) => span(row.years) },
    { key: "sender", label: say("sender"), sort: senders, cell: senders },
  ];
  const sheet = (): Sheet => ({
    name: fileName("missing", realm, String(catalogue.release.id)),
    columns: ["indicator", "method", "realm", "missing_return", "sources", "numbers", "areas"],
    rows: groups.flatMap((group) =>
      group.rows.map((row) => [row.indicator, row.method, row.realm, row.missing_return, group.sources.join(" "), row.numbers, row.areas.join(" ")]),
    ),
  });
  return (
    <section aria-labelledby="returns">
      <h2 id="returns">{say("byReturn")}</h2>
      <p class="soft">{say("byReturnLead")}</p>
      <div class="controls"><Download sheet={sheet} /></div>
      <DataTable caption={say("byReturn")} quietCaption columns={columns} rows={groups} rowKey={(row) => row.key} />
      {chosen && <Details key={chosen.key} group={chosen} title={title(chosen)} />}
    </section>
  );
}

/** Years as first to last; a gap in between is told by the details. */
function span(years: readonly string[]): string {
  if (!years.length) return "—";
  return years.length === 1 ? years[0]! : `${years[0]}–${years.at(-1)}`;
}

export const View: Viewable = {
  id: "missing",
  title: { zh: "缺少的数据", en: "What is missing" },
  lead: {
    zh: "哪些数字还没有，因为哪一份报送没有到、由谁报送；以及哪些数字为保护个人而不公布。",
    en: "Which figures are not there yet, which return they wait for and who sends it; and what is withheld to protect people.",
  },
  Page,
};
