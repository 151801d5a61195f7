import { useArea } from "../../data/load";
import { PROVINCE, seriesOf } from "../../data/select";
import { Await } from "../../parts/Await";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { OVERVIEW } from "../../words/overview";
import type { Viewable } from "../view";
import { All } from "./All";
import { Card, DerivedCard } from "./Card";
import { chosen, HEADLINES } from "./headlines";
import "./look.css";

function Page() {
  const { catalogue, realm } = useSite();
  const say = useWords(OVERVIEW);
  const province = useArea(realm, PROVINCE);
  return (
    <Await of={province}>
      {(file) => (
        <>
          <section aria-labelledby="headlines">
            <h2 id="headlines" class="unseen">{say("headlines")}</h2>
            <ul class="cards">
              {HEADLINES.map((headline) => {
                const indicator = chosen(headline, catalogue, realm);
                if (!indicator) return null;
                const given = { key: headline.indicator, headline, indicator };
                return headline.of ? <DerivedCard {...given} /> : <Card {...given} points={seriesOf(file, indicator.code, indicator.method)} />;
              })}
            </ul>
          </section>
          <All file={file} />
        </>
      )}
    </Await>
  );
}

export const View: Viewable = {
  id: "overview",
  title: { zh: "全省总览", en: "The province at a glance" },
  lead: {
    zh: "每个问题用一个数字回答；下面是全部指标。",
    en: "A number for each question; every indicator below.",
  },
  Page,
};
