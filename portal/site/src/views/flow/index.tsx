import { flowFrom, lastKnown, METHOD_OF, monthsReached, SECTORS } from "../../data/flows";
import { cells, holdings, indicatorOf, PROVINCE } from "../../data/select";
import { useSeveral, valuesPath } from "../../data/several";
import type { ValuesFile } from "../../data/types";
import { Await } from "../../parts/Await";
import { AreaPicker, PeriodPicker } from "../../parts/Pickers";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { FLOW } from "../../words/flow";
import type { Viewable } from "../view";
import { Counties } from "./Counties";
import { Diagram } from "./Diagram";
import { Sentences } from "./Sentences";
import "./look.css";

const DIMENSIONS = ["next_sector", "total"] as const;

function Page() {
  const { catalogue, realm } = useSite();
  const paths = SECTORS.flatMap((sector) => {
    const held = holdings(indicatorOf(catalogue, "learner_flow", METHOD_OF(sector)), realm);
    return DIMENSIONS.map((each) => (held?.dimensions.includes(each) ? valuesPath(realm, "learner_flow", METHOD_OF(sector), each) : null));
  });
  return <Await of={useSeveral<ValuesFile>(paths)}>{(files) => <Flows files={files} />}</Await>;
}

function Flows({ files }: { files: (ValuesFile | undefined)[] }) {
  const { term, go } = useSite();
  const say = useWords(FLOW);
  const all = SECTORS.map((sector, at) => ({
    sector, next: listed(files[2 * at]), totals: listed(files[2 * at + 1]),
  }));
  const totals = all.flatMap((each) => each.totals);
  const periods = [...new Set(totals.map((each) => each.period))].sort();
  const known = new Set(totals.map((each) => each.area));
  const area = known.has(term("area")) ? term("area") : PROVINCE;
  const year = periods.includes(term("period")) ? term("period") : (lastKnown(totals) ?? periods.at(-1) ?? "");
  const flows = all.map((each) => flowFrom(each.sector, each.next, each.totals, area, year));
  const months = flows.flatMap((flow) => (flow.total?.status === "published" ? [monthsReached(flow.total)] : []));
  const pending = periods.filter((each) => totals.every((one) => one.period !== each || one.status === "needs_input"));
  const from = SECTORS.find((each) => each === term("from")) ?? SECTORS[0];
  const chosen = all.find((each) => each.sector === from)!;
  if (periods.length === 0) return <p class="nothing">{say("nothingDrawn")}</p>;
  return (
    <>
      <div class="controls">
        <AreaPicker value={area} isWanted={(code) => known.has(code)} onPick={(code) => go({ area: code })} />
        <PeriodPicker periods={periods} value={year} onPick={(period) => go({ period })} />
      </div>
      {months.some((each) => each < 24) && <p class="window">{say("window", { months: Math.min(...months) })}</p>}
      <section class="flows" aria-label={say("chart", { year })}>
        <Diagram flows={flows} year={year} />
      </section>
      <h2>{say("inWords")}</h2>
      <Sentences flows={flows} year={year} />
      {pending.length > 0 && !pending.includes(year) && <p class="soft">{say("pending", { years: pending.join(", ") })}</p>}
      <Counties year={year} from={from} next={chosen.next} totals={chosen.totals} />
      <section aria-labelledby="how">
        <h2 id="how">{say("how")}</h2>
        <ul>
          <li>{say("howOnce")}</li>
          <li>{say("howSeen")}</li>
          <li>{say("howSingle")}</li>
        </ul>
      </section>
    </>
  );
}

const listed = (file: ValuesFile | undefined) => (file ? cells(file) : []);

export const View: Viewable = {
  id: "flow",
  title: { zh: "学习者从哪里来，到哪里去", en: "Where learners go next" },
  lead: {
    zh: "在学校、开放大学、职业培训和老年大学学习的人，随后两年又在哪里学习。",
    en: "People who learnt in schools, open universities, training and senior universities, and where they learnt in the two years after.",
  },
  Page,
};
