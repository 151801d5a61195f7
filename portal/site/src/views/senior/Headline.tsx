import { amount, count, distanceInWords, unitFor } from "../../data/format";
import { indicatorOf, seriesOf, targetOf } from "../../data/select";
import type { AreaFile, Point, Target } from "../../data/types";
import { Definition } from "../../parts/Definition";
import { Figure } from "../../parts/Figure";
import { figures } from "../../parts/sheet";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { SENIOR } from "../../words/senior";
import { CODE, nowOf, type Way } from "./ways";
import { RangeMark } from "./RangeMark";
import { aimOf, isWide, rangeOf, scaleOf } from "./ranges";

/** The two ways of taking part, each with its range, its target and its sentence. */
export function Headline({ file, held }: { file: AreaFile; held: readonly Way[] }) {
  const { catalogue, realm } = useSite();
  const say = useWords(SENIOR);
  const points = held.map((way) => nowOf(file, way));
  const targets = held.map((way, index) => targetOf(catalogue, realm, CODE, way, file.area, points[index]?.period ?? ""));
  const most = scaleOf(points.map(rangeOf), Math.max(0, ...targets.flatMap((target) => (target ? [target.value] : []))));
  return (
    <section aria-label={say("value")}>
      <ul class="ways">
        {held.map((way, index) => (
          <Participation key={way} way={way} file={file} point={points[index]} target={targets[index]} most={most} />
        ))}
      </ul>
      <details class="explain" open>
        <summary>{say("whyRange")}</summary>
        <p>{say("range")}</p>
        <p class="soft">{say("noRange")}</p>
      </details>
    </section>
  );
}

interface Props {
  way: Way;
  file: AreaFile;
  point: Point | undefined;
  target: Target | undefined;
  most: number;
}

function Participation({ way, file, point, target, most }: Props) {
  const site = useSite();
  const { catalogue, lang } = site;
  const say = useWords(SENIOR);
  const indicator = indicatorOf(catalogue, CODE, way)!;
  const unit = unitFor(indicator);
  const range = rangeOf(point);
  const told = sentence(way, range, say);
  return (
    <li class="way">
      <h3>{say(way)}</h3>
      <Figure point={point} unit={unit} size="big" detail />
      <RangeMark range={range} most={most} target={target?.value} width={520} height={34} label={told ?? say(way)} />
      <p class="ends" aria-hidden="true"><span>0</span><span>{amount(most, unit, lang)}</span></p>
      {told && <p>{told}</p>}
      {point?.coverage != null && <p class="small soft">{say("linked", { pct: amount(point.coverage, "pct", lang) })}</p>}
      <Aiming point={point} target={target} unit={unit} />
      <Definition
        indicator={indicator} point={point} area={file.area}
        sheet={() => figures(site, indicator, seriesOf(file, CODE, way).map((each) => ({ ...each, area: file.area })), unit)}
      />
    </li>
  );
}

function sentence(way: Way, range: ReturnType<typeof rangeOf>, say: ReturnType<typeof useWords<typeof SENIOR>>): string | null {
  if (!range || range.end) return null;
  const per100 = (value: number) => Number(value.toFixed(1));
  if (way === "senior_universities") return say("universityTells", { n: per100(range.value) });
  return isWide(range) ? say("anyRange", { low: per100(range.low), high: per100(range.high) }) : say("anyTells", { n: per100(range.value) });
}

/** The target and how far it is, in the indicator's unit and in people. */
function Aiming({ point, target, unit }: { point: Point | undefined; target: Target | undefined; unit: string }) {
  const { lang } = useSite();
  const say = useWords(SENIOR);
  if (!target) return <p class="small soft">{say("aimNone")}</p>;
  const aim = aimOf(point, target);
  return (
    <p class="aiming">
      <strong>{say("aimFor", { year: target.year, value: amount(target.value, unit, lang) })}</strong>{" "}
      {!aim ? say("aimUnknown") : aim.isMet ? say("aimMet", { by: distanceInWords(aim.by, unit, lang) }) : say("aimShort", { by: distanceInWords(aim.by, unit, lang) })}{" "}
      {aim?.people != null && say("aimPeople", { people: count(aim.people, lang) })}{" "}
      <span class="small soft">{say("plan", { document: [target.document, target.document_no].filter(Boolean).join(" ") })}</span>
    </p>
  );
}
