import { useMemo } from "preact/hooks";
import { number } from "../../data/format";
import { useArea, useTraces } from "../../data/load";
import { areaOf, areasAt, cells } from "../../data/select";
import type { Area, Catalogue, Indicator, Realm, ValuesFile } from "../../data/types";
import { Await } from "../../parts/Await";
import { AreaPicker } from "../../parts/Pickers";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { BRIEF } from "../../words/brief";
import { type Documents, useMany } from "../compare/many";
import type { Viewable } from "../view";
import { headlinesOf } from "./headlines";
import { Sheet } from "./Sheet";
import { type Row, rowOf } from "./telling";
import "./look.css";

const pathOf = (realm: Realm, each: Indicator) => `values/${realm}/${each.code}/${each.method}/total.json`;

function Page() {
  const { catalogue, realm, term, go } = useSite();
  const say = useWords(BRIEF);
  const headlines = headlinesOf(catalogue, realm);
  const documents = useMany(headlines.map((each) => pathOf(realm, each)));
  if (headlines.length === 0) return <p class="nothing">{say("noneHere")}</p>;
  const isCounty = (code: string) => areaOf(catalogue, code)?.level === "county";
  return (
    <Await of={documents}>
      {(from) => {
        const county = areaOf(catalogue, isCounty(term("area")) ? term("area") : (firstWithFigures(catalogue, from) ?? ""));
        return (
          <div class="brief">
            <div class="controls">
              <AreaPicker label={say("county")} value={county?.code ?? ""} isWanted={isCounty} onPick={(area) => go({ area })} />
              <button type="button" onClick={() => window.print()}>{say("print")}</button>
            </div>
            {county ? <Brief county={county} headlines={headlines} from={from} /> : <p class="nothing">{say("choose")}</p>}
          </div>
        );
      }}
    </Await>
  );
}

/** Opens the page where nobody is asked for: the first county that any headline has a figure of. */
function firstWithFigures(catalogue: Catalogue, from: Documents): string | undefined {
  const counties = new Set(areasAt(catalogue, "county").map((each) => each.code));
  const told = new Set([...from.values()].flatMap((file) => (file as ValuesFile | undefined)?.areas ?? []));
  return [...counties].find((code) => told.has(code));
}

function Brief({ county, headlines, from }: { county: Area; headlines: readonly Indicator[]; from: Documents }) {
  const { catalogue, realm, lang } = useSite();
  const file = useArea(realm, county.code);
  const traces = useTraces();
  const codes = useMemo(() => areasAt(catalogue, "county").map((each) => each.code), [catalogue]);
  const rows = useMemo(
    () =>
      headlines.flatMap((each): Row[] => {
        const values = from.get(pathOf(realm, each)) as ValuesFile | undefined;
        const row = values && rowOf(each, values.unit, cells(values), county.code, codes, (value) => number(value, values.unit, lang));
        return row ? [row] : [];
      }),
    [headlines.map((each) => each.code).join(), from, county.code, lang],
  );
  return (
    <Sheet
      county={county} rows={rows} file={file.is === "here" ? file.data : undefined} isComplete={file.is !== "loading" && traces.is !== "loading"}
      traces={traces.is === "here" ? traces.data : []}
    />
  );
}

export const View: Viewable = {
  id: "brief",
  title: { zh: "一页县情", en: "County brief" },
  lead: { zh: "一个县（市、区）的要点，印在一张 A4 纸上。", en: "A county's main figures on one sheet of A4." },
  Page,
};
