import { useMemo } from "preact/hooks";
import { count } from "../../data/format";
import { bands, type Flow, isAtLeast, MEMBERS, SECTORS } from "../../data/flows";
import { Chart, TOOLTIP } from "../../parts/Chart";
import { NONE, PALETTE } from "../../parts/colours";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { FLOW } from "../../words/flow";
import { Matrix } from "./Matrix";

/** Colour of a sector on either side; what is seen nowhere or withheld is grey. */
const COLOUR: Readonly<Record<string, string>> = {
  school: PALETTE[0], open_university: PALETTE[1], human_resources: PALETTE[2], senior_university: PALETTE[3],
  several: PALETTE[5], none: NONE, withheld: "#c3cbd2",
};
const HEIGHT = 460;

interface Drawn {
  name?: string;
  value?: number;
  data?: { source?: string; target?: string };
}

/** Bands from the sector people learnt in to where they learnt next, as wide as they are many. */
export function Diagram({ flows, year }: { flows: readonly Flow[]; year: string }) {
  const { lang } = useSite();
  const say = useWords(FLOW);
  const drawn = bands(flows);
  const word = (node: string) => say(node.slice(node.indexOf(" ") + 1) as keyof typeof FLOW);
  const people = (number: number) => say("people", { number: count(number, lang) });
  const label = say("chart", { year });
  // of a sector its own total; of where they went what is published, which may not be all
  const size = (node: string, sum: number) => {
    const [side, code] = node.split(" ") as [string, string];
    if (side === "from") return people(flows.find((flow) => flow.from === code)?.total?.value ?? sum);
    return code !== "withheld" && isAtLeast(flows, code) ? say("atLeast", { number: count(sum, lang) }) : people(sum);
  };
  const option = useMemo(() => {
    const left = SECTORS.filter((each) => drawn.some((band) => band.from === each)).map((each) => `from ${each}`);
    const right = [...MEMBERS, "withheld"].filter((each) => drawn.some((band) => band.to === each)).map((each) => `to ${each}`);
    return {
      tooltip: {
        ...TOOLTIP,
        formatter: (each: Drawn) =>
          each.data?.source
            ? say("band", { from: word(each.data.source), to: word(each.data.target!), people: people(each.value!) })
            : `${word(each.name!)}  ${size(each.name!, each.value!)}`,
      },
      series: [{
        type: "sankey",
        animation: false, // its opening curtain stays half drawn when the window changes size meanwhile
        left: 4, right: 4, top: 10, bottom: 10, nodeWidth: 14, nodeGap: 18, layoutIterations: 0, draggable: false,
        emphasis: { focus: "adjacency" },
        levels: [{ depth: 0, label: { position: "right" } }, { depth: 1, label: { position: "left" } }],
        label: {
          color: "#17252f", fontSize: 14, lineHeight: 18, textBorderColor: "#fff", textBorderWidth: 3,
          formatter: (each: Drawn) => `${word(each.name!)}\n${size(each.name!, each.value!)}`,
        },
        data: [...left, ...right].map((name) => ({ name, itemStyle: { color: COLOUR[name.slice(name.indexOf(" ") + 1)] } })),
        links: drawn.map((band) => ({
          source: `from ${band.from}`, target: `to ${band.to}`, value: band.value,
          lineStyle: { color: band.to === "withheld" ? COLOUR.withheld : COLOUR[band.from], opacity: band.to === "withheld" ? 0.45 : 0.34 },
        })),
      }],
    };
  }, [JSON.stringify(drawn), flows, lang]);
  const spoken = drawn.map((band) => say("band", { from: word(`x ${band.from}`), to: word(`x ${band.to}`), people: people(band.value) }));
  if (drawn.length === 0) return <p class="nothing">{say("nothingDrawn")}</p>;
  return (
    <>
      <div class="sides" aria-hidden="true"><span>{say("before", { year })}</span><span>{say("after")}</span></div>
      <Chart option={option} label={`${label}${lang === "zh" ? "。" : ". "}${spoken.join(lang === "zh" ? "；" : "; ")}`} height={HEIGHT} table={<Matrix flows={flows} />} />
    </>
  );
}
