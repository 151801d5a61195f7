import { areaOf, type Cell, cells, indicatorOf, pointsOf, PROVINCE } from "../../data/select";
import { useSeveral, valuesPath } from "../../data/several";
import type { ValuesFile } from "../../data/types";
import { Await } from "../../parts/Await";
import { PALETTE } from "../../parts/colours";
import { DataTable } from "../../parts/DataTable";
import { Figure } from "../../parts/Figure";
import { LineChart } from "../../parts/LineChart";
import { AreaPicker } from "../../parts/Pickers";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { CREDIT } from "../../words/credit";
import { FRAME } from "../../words/frame";
import type { Viewable } from "../view";
import { Areas } from "./Areas";
import { Rate } from "./Rate";
import "./look.css";

const CODE = "credit_transfer_rate";
const RULES = ["rule1", "rule2", "rule3", "rule4", "rule5"] as const;
const LEDGER = ["ledger1", "ledger2", "ledger3", "ledger4"] as const;

function Page() {
  const { catalogue, realm } = useSite();
  const paths = ["learners", "credits"].map((method) =>
    indicatorOf(catalogue, CODE, method)?.has[realm]?.dimensions.includes("total") ? valuesPath(realm, CODE, method) : null);
  return (
    <>
      <Await of={useSeveral<ValuesFile>(paths)}>{(files) => <Rates files={files} />}</Await>
      <Rules />
    </>
  );
}

function Rates({ files }: { files: (ValuesFile | undefined)[] }) {
  const { catalogue, term, go, name } = useSite();
  const say = useWords(CREDIT);
  const frame = useWords(FRAME);
  const [byLearners, byCredits] = files.map((file) => (file ? cells(file) : [])) as [Cell[], Cell[]];
  const learners = indicatorOf(catalogue, CODE, "learners");
  const credits = indicatorOf(catalogue, CODE, "credits");
  const known = new Set(byLearners.map((each) => each.area));
  const area = known.has(term("area")) ? term("area") : PROVINCE;
  const named = areaOf(catalogue, area);
  const here = pointsOf(byLearners, area);
  const ofCredits = pointsOf(byCredits, PROVINCE);
  const periods = [...new Set(byLearners.map((each) => each.period))].sort();
  const year = periods.includes(term("period")) ? term("period") : (periods.at(-1) ?? "");
  if (!learners || !credits || byLearners.length + byCredits.length === 0) return <p class="nothing">{frame("absent")}</p>;
  const lines = [
    { name: say("byLearners"), colour: PALETTE[0], points: here },
    ...(area === PROVINCE ? [{ name: say("byCredits"), colour: PALETTE[1], points: ofCredits }] : []),
  ];
  const years = [...new Set(lines.flatMap((line) => line.points.map((each) => each.period)))].sort();
  const label = say("chart", { area: named ? name(named) : area });
  const table = (
    <DataTable
      caption={label}
      columns={[
        { key: "year", label: say("year"), isHead: true, cell: (period: string) => period },
        ...lines.map((line) => ({
          key: line.name, label: line.name, isNumber: true,
          cell: (period: string) => <Figure point={line.points.find((each) => each.period === period)} unit="pct" />,
        })),
      ]}
      rows={years}
      rowKey={(period) => period}
    />
  );
  return (
    <>
      <div class="controls">
        <AreaPicker value={area} isWanted={(code) => known.has(code)} onPick={(code) => go({ area: code })} />
      </div>
      <ul class="pair">
        <Rate indicator={learners} points={here} title={say("learners")} sentence="learnersSaid" />
        {area === PROVINCE && <Rate indicator={credits} points={ofCredits} title={say("credits")} sentence="creditsSaid" />}
      </ul>
      {years.length > 1 && lines.some((line) => line.points.some((each) => each.status === "published")) && (
        <section aria-labelledby="credit-trend">
          <h2 id="credit-trend">{say("trend")}</h2>
          <LineChart periods={years} lines={lines} unit="pct" label={label} table={table} height={260} />
        </section>
      )}
      <Areas indicator={learners} cells={byLearners} year={year} periods={periods} />
    </>
  );
}

/** What the ledger does, in plain sentences; docs/reference/credit-bank.md says it in full. */
function Rules() {
  const say = useWords(CREDIT);
  return (
    <>
      <section aria-labelledby="rules">
        <h2 id="rules">{say("rules")}</h2>
        <p>{say("rulesLead")}</p>
        <ol class="rules">{RULES.map((rule) => <li key={rule}>{say(rule)}</li>)}</ol>
        <p class="example">{say("example")}</p>
      </section>
      <section aria-labelledby="ledger">
        <h2 id="ledger">{say("ledger")}</h2>
        <ul class="rules">{LEDGER.map((rule) => <li key={rule}>{say(rule)}</li>)}</ul>
      </section>
    </>
  );
}

export const View: Viewable = {
  id: "credit",
  title: { zh: "学分银行：学过的能不能算数", en: "Credit bank: does what was learnt count?" },
  lead: {
    zh: "学习者存入的成果，有多少在别的院校得到认定，按什么规则认定。",
    en: "How much of what learners lay in is recognised by other institutions, and under what rules.",
  },
  Page,
};
