import { amount, number } from "../../data/format";
import { type Cell, newest } from "../../data/select";
import type { Indicator } from "../../data/types";
import { Definition } from "../../parts/Definition";
import { Figure } from "../../parts/Figure";
import { figures } from "../../parts/sheet";
import { Trend } from "../../parts/Trend";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { CREDIT } from "../../words/credit";

const isNumber = (cell: Cell | undefined): cell is Cell & { value: number } => cell?.status === "published" && cell.value !== null;

/** One way to tell the rate: the newest figure, and the last published one where the newest is none. */
export function Rate({ indicator, points, title, sentence }: { indicator: Indicator; points: readonly Cell[]; title: string; sentence: "learnersSaid" | "creditsSaid" }) {
  const site = useSite();
  const { lang } = site;
  const say = useWords(CREDIT);
  const point = newest(points) as Cell | undefined;
  const told = points.findLast(isNumber) as (Cell & { value: number }) | undefined;
  return (
    <li>
      <h2>{title}</h2>
      {point && <p class="soft small">{point.period}</p>}
      <p class="main">
        <Figure point={point} unit="pct" size="big" detail />
        <Trend points={points} unit="pct" label={title} />
      </p>
      {told && told !== point && <p>{say("lastKnown", { year: told.period, value: amount(told.value, "pct", lang) })}</p>}
      {told && <p>{say(sentence, { year: told.period, number: number(told.value, "persons", lang) })}</p>}
      <Definition indicator={indicator} point={point} area={point?.area ?? ""} sheet={() => figures(site, indicator, points)} />
    </li>
  );
}
