import { amount, difference, distanceInWords, unitFor } from "../../data/format";
import { useValues } from "../../data/load";
import { cells, distance, holdings, newest, pointsOf, PROVINCE, targetOf } from "../../data/select";
import type { Indicator, Point, Target } from "../../data/types";
import { Definition } from "../../parts/Definition";
import { Figure } from "../../parts/Figure";
import { keyOf } from "../../parts/Pickers";
import { figures } from "../../parts/sheet";
import { Trend } from "../../parts/Trend";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { OVERVIEW } from "../../words/overview";
import { PARTS } from "../../words/parts";
import type { Headline } from "./headlines";

/** One question with its number; undefined points are on their way. */
export function Card({ headline, indicator, points, isComing }: {
  headline: Headline; indicator: Indicator; points: readonly Point[]; isComing?: boolean;
}) {
  const site = useSite();
  const { catalogue, realm, name, link } = site;
  const say = useWords(OVERVIEW);
  const parts = useWords(PARTS);
  const input = headline.of ? catalogue.indicators.find((each) => keyOf(each) === headline.of) : undefined;
  const point = newest(points);
  const unit = unitFor(indicator, input);
  const revised = holdings(indicator, realm)?.revised ?? 0;
  const target = point && !input && targetOf(catalogue, realm, indicator.code, indicator.method, PROVINCE, point.period);
  const title = input ? parts("derived", { name: name(indicator), of: name(input) }) : name(indicator);
  const slice = input
    ? { view: "gaps", indicator: input.code, method: input.method }
    : { view: "counties", area: null, indicator: indicator.code, method: indicator.method };
  return (
    <li class="card">
      <p class="question">{name(headline.why)}</p>
      <h3><a href={link(slice)}>{title}</a></h3>
      <div class="main">
        {isComing ? <span class="waiting">…</span> : <Figure point={point} unit={unit} size="big" />}
        <Trend points={points} unit={unit} label={title} />
      </div>
      {point && <p class="small soft since">{point.period}<Since points={points} point={point} unit={unit} /></p>}
      {target && <Aim target={target} point={point} unit={unit} />}
      {revised > 0 && !input && (
        <p class="small"><a class="revised" href={link({ view: "changes", indicator: indicator.code, method: indicator.method })}>{say("revised", { number: revised })}</a></p>
      )}
      <Definition
        indicator={indicator} point={point} area={PROVINCE} unit={unit} dimension={headline.of} member={headline.member}
        sheet={() => figures(site, indicator, points.map((each) => ({ member: headline.member ?? "total", ...each, area: PROVINCE })), unit)}
        link={link({ view: "overview", indicator: indicator.code, method: indicator.method })}
      />
    </li>
  );
}

/** The same for a figure that is made of others: its breakdown comes in a file of its own. */
export function DerivedCard({ headline, indicator }: { headline: Headline; indicator: Indicator }) {
  const { realm } = useSite();
  const values = useValues(realm, indicator.code, indicator.method, headline.of);
  const points = values.is === "here" ? pointsOf(cells(values.data), PROVINCE, headline.member) : [];
  return <Card headline={headline} indicator={indicator} points={points} isComing={values.is === "loading"} />;
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
