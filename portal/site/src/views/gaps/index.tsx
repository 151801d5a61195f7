import { useValues } from "../../data/load";
import { areaOf, cells, indicatorOf, PROVINCE } from "../../data/select";
import type { Indicator, ValuesFile } from "../../data/types";
import { Await } from "../../parts/Await";
import { AreaPicker, IndicatorPicker, keyOf, PeriodPicker } from "../../parts/Pickers";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { GAPS } from "../../words/gaps";
import type { Viewable } from "../view";
import { Ages } from "./Ages";
import type { At } from "./at";
import { Counties } from "./Counties";
import { EveryCounty } from "./EveryCounty";
import { Everything } from "./Everything";
import { Measures } from "./Measures";
import { OverTime } from "./OverTime";
import { Pair } from "./Pair";
import { Places } from "./Places";
import { SplitPicker } from "./SplitPicker";
import { AGE, chosen, splitOf, splitsHeld } from "./splits";
import { Together } from "./Together";
import "./look.css";

const FIRST = { code: "lifelong_learning_participation", method: "administrative_12m" };

function Page() {
  const { catalogue, realm, term, go, name } = useSite();
  const say = useWords(GAPS);
  const isSplit = (each: Indicator) => splitsHeld(each, realm).length > 0;
  const asked = term("indicator") ? indicatorOf(catalogue, term("indicator"), term("method")) : undefined;
  const indicator = asked ?? firstOf(catalogue.indicators.filter(isSplit));
  if (!indicator) return <p class="sum">{say("nothingYet")}</p>;
  const held = splitsHeld(indicator, realm);
  const dimension = chosen(held, term("dimension"));
  return (
    <>
      <div class="controls">
        <IndicatorPicker value={indicator} isWanted={isSplit} onPick={(each) => go({ indicator: each.code, method: each.method })} />
        {dimension && <SplitPicker held={held} value={dimension} />}
      </div>
      {dimension ? (
        <Shown key={keyOf(indicator) + dimension} indicator={indicator} dimension={dimension} />
      ) : (
        <p class="nothing">{say("noSplits", { name: name(indicator) })}</p>
      )}
    </>
  );
}

function firstOf(split: readonly Indicator[]): Indicator | undefined {
  return split.find((each) => each.code === FIRST.code && each.method === FIRST.method) ?? split[0];
}

function Shown({ indicator, dimension }: { indicator: Indicator; dimension: string }) {
  const { realm } = useSite();
  const values = useValues(realm, indicator.code, indicator.method, dimension);
  return <Await of={values}>{(file) => <Told indicator={indicator} dimension={dimension} file={file} />}</Await>;
}

function Told({ indicator, dimension, file }: { indicator: Indicator; dimension: string; file: ValuesFile }) {
  const { catalogue, term, go, name } = useSite();
  const say = useWords(GAPS);
  const area = file.areas.includes(term("area")) ? term("area") : file.areas.includes(PROVINCE) ? PROVINCE : file.areas[0]!;
  const period = file.periods.includes(term("period")) ? term("period") : file.periods.at(-1)!;
  const all = cells(file);
  const split = splitOf(dimension, indicator.subject);
  const place = areaOf(catalogue, area);
  const at: At | null = split ? { indicator, split, file, all, area, period } : null;
  return (
    <>
      <div class="controls">
        {file.areas.length > 1 && (
          <AreaPicker value={area} isWanted={(code) => file.areas.includes(code)} onPick={(code) => go({ area: code === PROVINCE ? null : code })} />
        )}
        {file.periods.length > 1 && <PeriodPicker periods={file.periods} value={period} onPick={(each) => go({ period: each })} />}
      </div>
      <h2>{say("headline", { name: name(indicator), area: place ? name(place) : area, period })}</h2>
      {at ? <Gap at={at} /> : <Ages indicator={indicator} file={file} all={all} area={area} period={period} />}
      <Counties indicator={indicator} period={period} dimension={dimension === AGE ? null : dimension} />
      {split && <Everything split={split} />}
      <Together indicator={indicator} period={period} />
    </>
  );
}

function Gap({ at }: { at: At }) {
  return (
    <>
      <Pair at={at} />
      <Measures at={at} />
      <OverTime at={at} />
      {at.split.list === null ? <Places at={at} /> : <EveryCounty at={at} />}
    </>
  );
}

export const View: Viewable = {
  id: "gaps",
  title: { zh: "差距", en: "Gaps" },
  lead: {
    zh: "城与乡、山区海岛与其他县、女与男：差多少，在变大还是变小，差在哪里。",
    en: "City and country, mountains, islands and the rest, women and men: how far apart, closing or not, and where.",
  },
  Page,
};
