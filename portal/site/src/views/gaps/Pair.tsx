import { unitFor } from "../../data/format";
import { cells, pointsOf } from "../../data/select";
import { Await } from "../../parts/Await";
import { Definition } from "../../parts/Definition";
import { Download } from "../../parts/Download";
import { Figure } from "../../parts/Figure";
import { keyOf } from "../../parts/Pickers";
import { figures, type Sheet } from "../../parts/sheet";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { GAPS } from "../../words/gaps";
import { definitionOf, figureAt, useDerived } from "./derived";
import type { At } from "./at";
import { absence, parity } from "./sentences";
import { type Group, pairOf } from "./splits";

/** The two figures side by side, and the sentence that says how they compare. */
export function Pair({ at }: { at: At }) {
  const { indicator, split, all, area, period } = at;
  const site = useSite();
  const { catalogue, realm, lang } = site;
  const say = useWords(GAPS);
  const unit = unitFor(indicator);
  const made = useDerived(catalogue, realm, "parity_index", keyOf(indicator));
  const mine = (group: Group) => pointsOf(all, area, group.member);
  const now = (group: Group) => mine(group).find((each) => each.period === period);
  const gap = useDerived(catalogue, realm, "gap_absolute", keyOf(indicator));
  const sheet = (): Sheet => figures(site, indicator, [...mine(split.one), ...mine(split.other)], unit);
  const withGap = (): Sheet => {
    const own = sheet();
    const derived = ([["gap_absolute", gap, unit], ["parity_index", made, "index"]] as const).flatMap(([kind, loaded, of]) =>
      loaded.is === "here" ? figures(site, definitionOf(catalogue, kind)!, pointsOf(cells(loaded.data), area, pairOf(split)), of).rows : [],
    );
    return { ...own, rows: [...own.rows, ...derived] };
  };
  return (
    <section class="pair" aria-label={`${split.one[lang]}, ${split.other[lang]}`}>
      <Await of={made} absent={<p class="sum">{say("notMade")}</p>}>
        {(file) => {
          const point = figureAt(file, area, pairOf(split), period);
          return <p class="sum">{absence(point, lang) ?? parity(point!.value!, { indicator, split, lang })}</p>;
        }}
      </Await>
      <dl class="two">
        {[split.one, split.other].map((group, index) => (
          <div key={group.member} class={index === 0 ? "one" : "other"}>
            <dt>{group[lang]}</dt>
            <dd>
              <Figure point={now(group)} unit={unit} size="big" detail />
              <Definition indicator={indicator} point={now(group)} area={area} dimension={split.dimension} member={group.member} sheet={sheet} />
            </dd>
          </div>
        ))}
      </dl>
      <p class="small take">{say("take")} <Download sheet={withGap} /></p>
    </section>
  );
}
