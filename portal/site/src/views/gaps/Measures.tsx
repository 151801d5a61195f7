import { unitFor } from "../../data/format";
import { pointsOf, type Cell, cells } from "../../data/select";
import { Await } from "../../parts/Await";
import { Definition } from "../../parts/Definition";
import { Figure } from "../../parts/Figure";
import { keyOf } from "../../parts/Pickers";
import { figures } from "../../parts/sheet";
import { Trend } from "../../parts/Trend";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { GAPS } from "../../words/gaps";
import { Difference } from "./Difference";
import { definitionOf, isMade, type Kind, useDerived } from "./derived";
import type { At } from "./at";
import { absence, adjustedParity, dissimilarity, gap, parity } from "./sentences";
import { pairOf } from "./splits";

/** How wide the gap is, measured in the ways that are published, each with what it means. */
export function Measures({ at }: { at: At }) {
  const { indicator, split, area, period } = at;
  const { lang } = useSite();
  const say = useWords(GAPS);
  const about = { indicator, split, lang };
  const unit = unitFor(indicator);
  const member = pairOf(split);
  const shared = { input: keyOf(indicator), area, member, period };
  return (
    <section aria-labelledby="measures">
      <h2 id="measures">{say("measures")}</h2>
      <p class="soft">{say("measuresLead")}</p>
      <ul class="measures">
        <Measure {...shared} kind="gap_absolute" unit={unit} isGap told={(value) => gap(value, unit, split.one, split.other, lang)} />
        <Measure {...shared} kind="parity_index" unit="index" told={(value) => parity(value, about)} />
        <Measure {...shared} kind="parity_index_adjusted" unit="index" told={(value) => adjustedParity(value, lang)} />
        <Measure {...shared} area="330000" kind="dissimilarity_over_counties" unit="index" told={(value) => dissimilarity(value, lang)} />
      </ul>
      <Withheld input={keyOf(indicator)} period={period} />
    </section>
  );
}

interface MeasureProps {
  kind: Kind;
  /** the indicator it is made of, as `code.method` */
  input: string;
  area: string;
  member: string;
  period: string;
  unit: string;
  /** what the number means */
  told: (value: number, point: Cell) => string;
  /** along which grouping of counties, where the same measure is shown for several */
  along?: string;
  /** a difference: shown with its sign, of percentages in points */
  isGap?: boolean;
}

/** One measure: number, sentence, past, and its definition; nothing where it was never made of that indicator. */
export function Measure({ kind, input, area, member, period, unit, told, along, isGap }: MeasureProps) {
  const site = useSite();
  const { catalogue, realm, name, lang } = site;
  const made = useDerived(catalogue, realm, kind, input);
  const indicator = definitionOf(catalogue, kind);
  if (!indicator || !isMade(catalogue, realm, kind, input)) return null;
  return (
    <li class="measure">
      <h3>{name(indicator)}{along && <span class="along">{along}</span>}</h3>
      <Await of={made}>
        {(file) => {
          const points = pointsOf(cells(file), area, member);
          const point = points.find((each) => each.period === period);
          return (
            <>
              <div class="main">
                {isGap ? <Difference point={point} unit={unit} size="big" /> : <Figure point={point} unit={unit} size="big" />}
                <Trend points={points} unit={unit} label={name(indicator)} />
              </div>
              <p>{absence(point, lang) ?? told(point!.value!, point!)}</p>
              <p class="small soft code">{kind}</p>
              <Definition
                indicator={indicator} point={point} area={area} period={period} dimension={input} member={member} unit={unit}
                sheet={() => figures(site, indicator, points, unit)}
              />
            </>
          );
        }}
      </Await>
    </li>
  );
}

/** How many figures of the indicator's table are withheld, which may be why a measure is. */
function Withheld({ input, period }: { input: string; period: string }) {
  const { catalogue, realm, link } = useSite();
  const say = useWords(GAPS);
  const made = useDerived(catalogue, realm, "withheld_figures", input);
  const point = made.is === "here" ? cells(made.data).find((each) => each.period === period) : undefined;
  if (!point?.value) return null;
  return (
    <p class="small soft">
      {say("withheldCount", { number: point.value })} <a href={link({ view: "missing", show: "withheld" })}>{say("withheldWhy")}</a>
    </p>
  );
}
