import { unitFor } from "../../data/format";
import { indicatorOf, newest, seriesOf } from "../../data/select";
import type { AreaFile } from "../../data/types";
import { Definition } from "../../parts/Definition";
import { Figure } from "../../parts/Figure";
import { figures } from "../../parts/sheet";
import { Trend } from "../../parts/Trend";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { SENIOR } from "../../words/senior";

const SHOWN = [
  { code: "residents_60plus", method: "resident", title: "residents", told: "residentsTell" },
  { code: "community_learning_senior_share", method: "monthly_returns", title: "community", told: "communityTell" },
] as const;

/** Who there is to learn, and their share where learning is counted by attendances. */
export function Residents({ file }: { file: AreaFile }) {
  const site = useSite();
  const { catalogue, realm, name } = site;
  const say = useWords(SENIOR);
  const held = SHOWN.flatMap((each) => {
    const indicator = indicatorOf(catalogue, each.code, each.method);
    return indicator?.has[realm] ? [{ ...each, indicator }] : [];
  });
  if (!held.length) return null;
  return (
    <section class="ways plain-ways">
      {held.map(({ code, method, title, told, indicator }) => {
        const points = seriesOf(file, code, method);
        const point = newest(points);
        const unit = unitFor(indicator);
        return (
          <div class="way" key={code}>
            <h2>{say(title)}</h2>
            <p class="small soft">{name(indicator)}{point && ` · ${point.period}`}</p>
            <div class="main">
              <Figure point={point} unit={unit} size="big" detail />
              <Trend points={points} unit={unit} label={name(indicator)} />
            </div>
            {point?.status === "published" && point.value !== null && <p>{say(told, { n: Number(point.value.toFixed(1)) })}</p>}
            <Definition
              indicator={indicator} point={point} area={file.area}
              sheet={() => figures(site, indicator, points.map((each) => ({ ...each, area: file.area })), unit)}
            />
          </div>
        );
      })}
    </section>
  );
}
