import { indicatorOf, TOTAL } from "../../data/select";
import type { Catalogue, Indicator, Realm } from "../../data/types";
import { Await } from "../../parts/Await";
import { IndicatorPicker } from "../../parts/Pickers";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { COMPARE } from "../../words/compare";
import { shownAnywhere } from "../brief/headlines";
import type { Viewable } from "../view";
import { Chips } from "./Chips";
import { type Documents, useMany } from "./many";
import { type Compared, OverTime } from "./OverTime";
import { Several } from "./Several";
import { figuresOf, opening, pathsOf, sidesOf } from "./sides";
import "./look.css";

/** The indicator asked for, if it has figures of whole areas here; else the first headline that has. */
function shownIndicator(catalogue: Catalogue, realm: Realm, code: string, method: string): { indicator: Indicator | undefined; asked: Indicator | undefined } {
  const isHeld = (each: Indicator | undefined) => each?.has[realm]?.dimensions.includes(TOTAL);
  const asked = code ? (indicatorOf(catalogue, code, method) ?? indicatorOf(catalogue, code)) : undefined;
  const [first] = shownAnywhere(catalogue, realm);
  return { indicator: isHeld(asked) ? asked : (first ?? catalogue.indicators.find(isHeld)), asked };
}

function Page() {
  const { catalogue, realm, term, go, name } = useSite();
  const say = useWords(COMPARE);
  const sides = sidesOf(catalogue, term("areas") || opening(catalogue, realm, term("area")));
  const { indicator, asked } = shownIndicator(catalogue, realm, term("indicator"), term("method"));
  const subject = term("subject");
  const others = subject
    ? catalogue.indicators.filter((each) => each.subject === subject && each.has[realm]?.dimensions.includes(TOTAL))
    : shownAnywhere(catalogue, realm);
  const paths = pathsOf(realm, sides, indicator ? [indicator, ...others] : others);
  const documents = useMany(paths);
  const lines = (of: Indicator, from: Documents): Compared[] =>
    sides.map((side) => ({ side, name: name(side.named), points: figuresOf(from, realm, side, of) }));
  return (
    <div class="compare">
      <div class="controls">
        {indicator && (
          <IndicatorPicker
            value={indicator} isWanted={(each) => each.has[realm]!.dimensions.includes(TOTAL)}
            onPick={(each) => go({ indicator: each.code, method: each.method })}
          />
        )}
      </div>
      <Chips sides={sides} />
      {asked && indicator && asked !== indicator && (
        <p class="notice small" role="status">{say("provinceOnly", { asked: name(asked), shown: name(indicator) })}</p>
      )}
      {sides.length === 0 || !indicator ? <p class="nothing">{say("none")}</p> : (
        <Await of={documents}>
          {(from) => (
            <>
              <OverTime indicator={indicator} lines={lines(indicator, from)} />
              <Several cards={others.map((each) => ({ indicator: each, lines: lines(each, from) }))} subject={subject} />
            </>
          )}
        </Await>
      )}
    </div>
  );
}

export const View: Viewable = {
  id: "compare",
  title: { zh: "比较地区与县组", en: "Compare areas and groups" },
  lead: {
    zh: "最多六个县、设区市、县组或全省放在一起看；一张图只用一种口径。",
    en: "Up to six counties, prefectures, groups of counties or the province side by side; one method a chart.",
  },
  Page,
};
