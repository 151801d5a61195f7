import { amount, count, day, number } from "../data/format";
import type { Point } from "../data/types";
import { useSite } from "../site";
import { useWords } from "../words";
import { PARTS } from "../words/parts";
import { bounded } from "./sheet";

interface Props {
  /** undefined: there is no such figure at all */
  point: Point | undefined;
  unit: string;
  size?: "big" | "plain";
  /** with bounds, numerator and denominator, coverage and date below */
  detail?: boolean;
}

/** A number with its unit, or the word for why there is none; never a blank and never a zero in its place. */
export function Figure({ point, unit, size = "plain", detail = false }: Props) {
  const { lang } = useSite();
  const say = useWords(PARTS);
  if (!point) return <span class={`figure ${size} none`}>{say("no_number")}</span>;
  const isNumber = point.status === "published" && point.value !== null;
  return (
    <span class={`figure ${size} ${isNumber ? "" : point.status}`}>
      {isNumber ? (
        <Amount text={bounded(point, amount(point.value!, unit, lang), say)} />
      ) : (
        <span class="word" title={detail ? undefined : reason(point, say)}>{say(point.status)}</span>
      )}
      {detail && (isNumber ? <Detail point={point} unit={unit} /> : <span class="detail">{reason(point, say)}</span>)}
    </span>
  );
}

/** The number large, its unit in words smaller beside it. */
function Amount({ text }: { text: string }) {
  const [, number = "", word = ""] = /^([^\p{L}（]*)(.*)$/u.exec(text) ?? [];
  if (!number.trim()) return <span class="number">{text}</span>; // a bound begins with a word
  return <span class="number">{number}{word && <span class="unit">{word}</span>}</span>;
}

/** Why there is no number, in a sentence. */
export function reason(point: Point, say: ReturnType<typeof useWords<typeof PARTS>>): string {
  if (point.status === "withheld") return say("withheldWhy");
  if (point.status === "not_applicable") return say("not_applicableWhy");
  return point.note ? say("needs_inputWhy", { note: point.note }) : say("needs_inputBare");
}

function Detail({ point, unit }: { point: Point; unit: string }) {
  const { lang } = useSite();
  const say = useWords(PARTS);
  const { low, high, numerator, denominator } = point;
  const parts = [
    low !== null && high !== null && low !== high
      ? say("bounds", { low: number(low, unit, lang), high: amount(high, unit, lang) })
      : null,
    numerator !== null && denominator !== null
      ? say("of", { numerator: count(numerator, lang), denominator: count(denominator, lang) })
      : null,
    point.coverage !== null ? say("coverage", { pct: amount(point.coverage, "pct", lang) }) : null,
    say("asOf", { day: day(point.as_of, lang) }),
  ];
  return (
    <span class="detail">
      {parts.filter((part) => part !== null).map((part) => <span key={part}>{part}</span>)}
    </span>
  );
}
