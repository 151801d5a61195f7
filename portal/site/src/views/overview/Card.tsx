import { amount, difference, distanceInWords, unitFor } from "../../data/format";
import { distance, holdings, indicatorOf, newest, PROVINCE, seriesOf, targetOf } from "../../data/select";
import type { AreaFile, Point, Target } from "../../data/types";
import { Definition } from "../../parts/Definition";
import { Figure } from "../../parts/Figure";
import { figures } from "../../parts/sheet";
import { Trend } from "../../parts/Trend";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { OVERVIEW } from "../../words/overview";
import type { Headline } from "./headlines";

/** One question with its number. */
export function Card({ headline, file }: { headline: Headline; file: AreaFile }) {
  const site = useSite();
  const { catalogue, realm, name, link } = site;
  const say = useWords(OVERVIEW);
  const indicator = indicatorOf(catalogue, headline.indicator, headline.method);
  if (!indicator) return null;
  const points = seriesOf(file, indicator.code, indicator.method);
  const point = newest(points);
  const unit = unitFor(indicator);
  const revised = holdings(indicator, realm)?.revised ?? 0;
  const target = point && targetOf(catalogue, realm, indicator.code, indicator.method, PROVINCE, point.period);
  return (
    <li class="card">
      <p class="question">{name(headline.why)}</p>
      <h3><a href={link({ view: "counties", area: null, indicator: indicator.code, method: indicator.method })}>{name(indicator)}</a></h3>
      <div class="main">
        <Figure point={point} unit={unit} size="big" />
        <Trend points={points} unit={unit} label={name(indicator)} />
      </div>
      {point && <p class="small soft since">{point.period}<Since points={points} point={point} unit={unit} /></p>}
      {target && <Aim target={target} point={point} unit={unit} />}
      {revised > 0 && <p class="small revised">{say("revised", { number: revised })}</p>}
      <Definition
        indicator={indicator} point={point} area={PROVINCE}
        sheet={() => figures(site, indicator, points.map((each) => ({ ...each, area: PROVINCE })), unit)}
        link={link({ view: "overview", indicator: indicator.code, method: indicator.method })}
      />
    </li>
  );
}

/** The change since the last period that has a number. */
function Since({ points, point, unit }: { points: readonly Point[]; point: Point; unit: string }) {
  const { lang } = useSite();
  const say = useWords(OVERVIEW);
  const before = points.findLast((each) => each.period < point.period && each.status === "published" && each.value !== null);
  if (!before || point.value === null) return null;
  return <>{" · "}{say("since", { period: before.period, difference: difference(point.value - before.value!, unit, lang) })}</>;
}

function Aim({ target, point, unit }: { target: Target; point: Point; unit: string }) {
  const { lang } = useSite();
  const say = useWords(OVERVIEW);
  const off = point.value !== null && point.status === "published" ? distance(point.value, target) : null;
  return (
    <p class="small aim">
      {say("target", { year: target.year, value: amount(target.value, unit, lang) })}
      {off && (
        <span class={off.isMet ? "met" : "short"}>
          {off.isMet ? say("met") : say(target.direction === "at_most" ? "over" : "toGo", { distance: distanceInWords(off.by, unit, lang) })}
        </span>
      )}
    </p>
  );
}
