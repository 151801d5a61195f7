import { amount, unitFor } from "../../data/format";
import { TOTAL } from "../../data/select";
import type { Indicator } from "../../data/types";
import { Definition } from "../../parts/Definition";
import { Download } from "../../parts/Download";
import { Figure } from "../../parts/Figure";
import { keyOf, Select, SUBJECTS, subjectName } from "../../parts/Pickers";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { COMPARE } from "../../words/compare";
import { PARTS } from "../../words/parts";
import { LOOKS, isNumber } from "./lines";
import { type Compared, sheetOf } from "./OverTime";
import { Swatch } from "./Swatch";
import { newestShown, pointAt } from "./words";

export interface Card {
  indicator: Indicator;
  lines: Compared[];
}

/** A small chart an indicator, each on a scale of its own; a row without a number has its word and no bar. */
export function Several({ cards, subject }: { cards: readonly Card[]; subject: string }) {
  const site = useSite();
  const { realm, catalogue, go, name } = site;
  const say = useWords(COMPARE);
  const parts = useWords(PARTS);
  const held = new Set(catalogue.indicators.filter((each) => each.has[realm]?.dimensions.includes(TOTAL)).map((each) => each.subject));
  const choices = [{ value: "", label: say("headlines") }, ...SUBJECTS.filter((each) => held.has(each)).map((each) => ({ value: each, label: subjectName(each, parts) }))];
  const shown = cards.filter((card) => card.lines.some((line) => line.points.length > 0));
  const sheet = () => {
    const all = shown.map(({ indicator, lines }) => {
      const period = newestShown(lines);
      return sheetOf(site, indicator, lines.map((line) => ({ ...line, points: line.points.filter((each) => each.period === period) })), unitFor(indicator));
    });
    return { name: `compared_${realm}_${catalogue.release.id}`, columns: all[0]?.columns ?? [], rows: all.flatMap((each) => each.rows) };
  };
  return (
    <section aria-labelledby="several">
      <div class="heading">
        <h2 id="several">{say("several")}</h2>
        <Select label={say("which")} value={subject} choices={choices} onPick={(value) => go({ subject: value || null })} />
        {shown.length > 0 && <Download sheet={sheet} />}
      </div>
      {shown.length === 0 && <p class="nothing">{say("noCards")}</p>}
      <ul class="small-ones">
        {shown.map((card) => <Small key={keyOf(card.indicator)} {...card} title={name(card.indicator)} />)}
      </ul>
    </section>
  );
}

function Small({ indicator, lines, title }: Card & { title: string }) {
  const { link, lang } = useSite();
  const say = useWords(COMPARE);
  const unit = unitFor(indicator);
  const period = newestShown(lines) ?? "";
  const points = lines.map((line) => pointAt(line, period));
  const values = points.filter(isNumber).map((each) => each.value);
  const most = Math.max(0, ...values);
  // a bar begins at nothing; where values go below it, the numbers alone are shown
  const hasBars = most > 0 && values.every((each) => each >= 0);
  const versions = new Set(points.filter(isNumber).map((each) => each.version));
  return (
    <li class="small-one">
      <h3><a href={link({ indicator: indicator.code, method: indicator.method })}>{title}</a></h3>
      <p class="small soft">{period}{versions.size > 1 && " *"}</p>
      <table>
        <caption class="unseen">{say("cardOf", { indicator: title, period })}</caption>
        <tbody>
          {lines.map((line, at) => {
            const point = points[at];
            return (
              <tr key={line.side.key}>
                <th scope="row"><span class="of-line"><Swatch place={at} /> {line.name}</span></th>
                <td>
                  {hasBars && isNumber(point) ? (
                    <svg class="stripe" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                      <rect width={(point.value / most) * 100} height="10" fill={LOOKS[at % LOOKS.length]!.colour} />
                    </svg>
                  ) : hasBars && point ? (
                    <svg class="stripe" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><line class="gap" x1="0" x2="100" y1="5" y2="5" /></svg>
                  ) : null}
                </td>
                <td class="n">{isNumber(point) ? amount(point.value, unit, lang) : <Figure point={point} unit={unit} />}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {versions.size > 1 && <p class="small footnote">{say("versionsApart")}</p>}
      <Definition indicator={indicator} period={period} unit={unit} />
    </li>
  );
}
