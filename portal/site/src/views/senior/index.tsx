import { useArea } from "../../data/load";
import { areaOf, indicatorOf, PROVINCE, seriesOf } from "../../data/select";
import type { AreaFile } from "../../data/types";
import { Await } from "../../parts/Await";
import { AreaPicker } from "../../parts/Pickers";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { SENIOR } from "../../words/senior";
import type { Viewable } from "../view";
import { Demand } from "./Demand";
import { Groups } from "./Groups";
import { Headline } from "./Headline";
import { Residents } from "./Residents";
import { CODE, WAYS } from "./ways";
import { Where } from "./Where";
import { Years } from "./Years";
import "./look.css";

function Page() {
  const { catalogue, realm, term, go, name } = useSite();
  const say = useWords(SENIOR);
  const area = areaOf(catalogue, term("area")) ?? areaOf(catalogue, PROVINCE);
  const loaded = useArea(realm, area?.code ?? PROVINCE);
  if (!area) return null;
  return (
    <>
      <div class="controls">
        <AreaPicker value={area.code} onPick={(code) => go({ area: code === PROVINCE ? null : code })} />
      </div>
      <h2>{say("ask", { area: name(area) })}</h2>
      <Await of={loaded}>{(file) => <Told file={file} />}</Await>
    </>
  );
}

function Told({ file }: { file: AreaFile }) {
  const { catalogue, realm } = useSite();
  const held = WAYS.filter((way) => indicatorOf(catalogue, CODE, way)?.has[realm]);
  return (
    <>
      <Headline file={file} held={held} />
      <Years file={file} held={held} />
      <Groups area={file.area} held={held} />
      <Residents file={file} />
      <Where held={held} />
      <Demand points={seriesOf(file, "forecast_senior_learners", "least_backtest_error")} area={file.area} />
    </>
  );
}

export const View: Viewable = {
  id: "senior",
  title: { zh: "老年学习", en: "Senior learning" },
  lead: {
    zh: "60岁及以上的居民：多少人在学，谁在学，在哪里，离目标多远，将来要多少学位。",
    en: "Residents aged 60 and over: how many learn, who, where, how far from the target, and how many will want to.",
  },
  Page,
};
