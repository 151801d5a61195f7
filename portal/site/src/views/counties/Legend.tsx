import { amount, number } from "../../data/format";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { COUNTIES } from "../../words/counties";
import { PARTS } from "../../words/parts";
import type { Mark } from "./Map";
import type { Class } from "./standings";

/** What the colours and patterns of the map mean: ends of each class, and how many counties are in it. */
export function Legend({ classes, colours, unit, marks }: {
  classes: readonly Class[]; colours: readonly string[]; unit: string; marks: readonly Mark[];
}) {
  const { lang } = useSite();
  const say = useWords(COUNTIES);
  const parts = useWords(PARTS);
  const words = { withheld: parts("withheld"), needs_input: parts("needs_input"), not_applicable: parts("not_applicable"), absent: say("absent") };
  const ends = ({ from, to }: Class) => {
    const [low, high] = [amount(from, unit, lang), amount(to, unit, lang)];
    return low === high ? low : `${number(from, unit, lang)}–${high}`;
  };
  return (
    <div class="legend">
      <ul aria-label={say("legend")}>
        {classes.map((each, at) => (
          <li key={each.from}>
            <svg viewBox="0 0 22 16" width="22" height="16" aria-hidden="true"><rect class="face number" x="1" y="1" width="20" height="14" rx="3" fill={colours[at]!} /></svg>
            {ends(each)} <span class="soft">{say("classCount", { number: each.count })}</span>
          </li>
        ))}
        {(Object.keys(words) as (keyof typeof words)[]).map((kind) => {
          const number = marks.filter((each) => each.kind === kind).length;
          return number === 0 ? null : (
            <li key={kind}>
              <svg viewBox="0 0 22 16" width="22" height="16" aria-hidden="true">
                <rect class={`face ${kind}`} x="1" y="1" width="20" height="14" rx="3" {...(kind === "withheld" ? { fill: "url(#hatched)" } : {})} />
              </svg>
              {words[kind]} <span class="soft">{say("classCount", { number })}</span>
            </li>
          );
        })}
      </ul>
      {classes.length > 0 && <p class="small soft">{say("legendUnit")}</p>}
    </div>
  );
}
