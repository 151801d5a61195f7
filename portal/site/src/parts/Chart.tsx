import type { EChartsCoreOption, EChartsType } from "echarts/core";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useWords } from "../words";
import { PARTS } from "../words/parts";
import { FONT, PALETTE } from "./colours";

interface Props {
  option: EChartsCoreOption;
  /** what the chart shows, in a sentence: what a reader who cannot see it is told */
  label: string;
  /** in pixels; taken before the chart is there, so that nothing moves when it comes */
  height: number;
  /** the same figures as a table */
  table: ComponentChildren;
  /** a mark was clicked; give the same by keyboard elsewhere (the table, a picker) */
  onPick?: (what: { name: string; series: string | undefined; data: unknown }) => void;
}

/** A chart with its table beside it. Drawn as SVG without inline style, so the pages' policy stays strict. */
export function Chart({ option, label, height, table, onPick }: Props) {
  const say = useWords(PARTS);
  const box = useRef<HTMLDivElement>(null);
  const drawn = useRef<EChartsType | null>(null);
  const pick = useRef(onPick);
  pick.current = onPick;
  const [isReady, setReady] = useState(false);

  useEffect(() => {
    const here = box.current!;
    here.style.height = `${height}px`;
    let isWanted = true;
    let watch: ResizeObserver | undefined;
    void import("./echarts").then(({ init }) => {
      if (!isWanted) return;
      const chart = init(here, null, { renderer: "svg" });
      drawn.current = chart;
      chart.on("click", (event) => {
        pick.current?.({ name: String(event.name), series: event.seriesName, data: event.data });
      });
      watch = new ResizeObserver(() => chart.resize());
      watch.observe(here);
      setReady(true);
    });
    return () => {
      isWanted = false;
      watch?.disconnect();
      drawn.current?.dispose();
      drawn.current = null;
    };
  }, []);

  useEffect(() => {
    if (!box.current) return;
    box.current.style.height = `${height}px`;
    drawn.current?.setOption({ ...defaults(), ...option }, { notMerge: true });
    drawn.current?.resize();
  }, [option, isReady, height]);

  return (
    <figure class="chart">
      <div class={`drawing${isReady ? "" : " waiting"}`} ref={box} role="img" aria-label={label} data-waiting={say("chartLoading")} />
      <details class="as-table">
        <summary>{say("asTable")}</summary>
        {table}
      </details>
    </figure>
  );
}

/** Type, colours and calm for every chart; a reader who asked for less motion gets none. */
function defaults(): EChartsCoreOption {
  const isStill = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  return {
    animation: !isStill,
    animationDuration: 300,
    animationDurationUpdate: 200,
    color: [...PALETTE],
    textStyle: { fontFamily: FONT, color: "#22313f", fontSize: 13 },
    grid: { left: 8, right: 16, top: 36, bottom: 8, containLabel: true },
  };
}

/** A legend above the drawing, out of the way of the axis; spread it, the grid leaves it room. */
export const LEGEND = { top: 0, left: 0, icon: "roundRect", itemWidth: 14, itemHeight: 9, itemGap: 18 } as const;

/** What every tooltip is made with: text alone, so that a name can never become markup. */
export const TOOLTIP = {
  renderMode: "richText",
  confine: true,
  backgroundColor: "#12212e",
  borderWidth: 0,
  padding: [8, 12],
  textStyle: { color: "#fff", fontSize: 13, fontFamily: FONT },
} as const;
