import type { Lang } from "../../data/types";
import { amount, count } from "../../data/format";
import { type Flow, MEMBERS, METHOD_OF } from "../../data/flows";
import { indicatorOf } from "../../data/select";
import { Definition } from "../../parts/Definition";
import { reason } from "../../parts/Figure";
import { figures } from "../../parts/sheet";
import { useSite } from "../../site";
import { type Say, useWords } from "../../words";
import { FLOW } from "../../words/flow";
import { PARTS } from "../../words/parts";

/** What the diagram shows, said. */
export function Sentences({ flows, year }: { flows: readonly Flow[]; year: string }) {
  const { lang } = useSite();
  const say = useWords(FLOW);
  const parts = useWords(PARTS);
  return (
    <ul class="told-flows">
      {flows.map((flow) => {
        const from = say(flow.from as keyof typeof FLOW);
        const { total } = flow;
        if (!total) return null;
        if (total.status === "withheld") return <li key={flow.from}>{say("noTotal", { from })}</li>;
        if (total.value === null) return <li key={flow.from}>{say("noYear", { from, reason: reason(total, parts) })}</li>;
        return (
          <li key={flow.from}>
            <strong>{say("of", { from: lang === "en" ? lowered(from) : from, year, total: count(total.value, lang) })}</strong>{" "}
            {clauses(flow, total.value, lang, say).join(lang === "zh" ? "；" : "; ")}{lang === "zh" ? "。" : "."}{" "}
            <Source flow={flow} />
          </li>
        );
      })}
    </ul>
  );
}

/** What stands behind the figures of a sentence. */
export function Source({ flow }: { flow: Flow }) {
  const site = useSite();
  const indicator = indicatorOf(site.catalogue, "learner_flow", METHOD_OF(flow.from));
  if (!indicator || !flow.total) return null;
  const all = [...flow.next.values(), flow.total];
  return <Definition indicator={indicator} point={flow.total} area={flow.total.area} dimension="next_sector" sheet={() => figures(site, indicator, all)} />;
}

function clauses(flow: Flow, total: number, lang: Lang, say: Say<typeof FLOW>): string[] {
  const told = MEMBERS.flatMap((member) => {
    const cell = flow.next.get(member);
    if (!cell || cell.status !== "published" || !cell.value) return [];
    const facts = { number: count(cell.value, lang), pct: amount((100 * cell.value) / total, "pct", lang) };
    if (member === flow.from) return [say("stayed", facts)];
    if (member === "several") return [say("wentSeveral", facts)];
    if (member === "none") return [say("gone", facts)];
    const to = say(member);
    return [say("went", { ...facts, to: lang === "en" ? lowered(to) : to })];
  });
  return flow.hidden ? [...told, say("hidden", { number: count(flow.hidden, lang) })] : told;
}

/** A name within an English sentence. */
export const lowered = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
