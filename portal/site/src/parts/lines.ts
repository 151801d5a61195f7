/** Lines over the years: no line runs through what is no number, its place at the foot is dotted, bands are intervals. */
import type { EChartsCoreOption } from "echarts/core";
import { amount, number, unitName } from "../data/format";
import type { Lang, Point, Status } from "../data/types";
import { TOOLTIP } from "./Chart";
import { NONE } from "./colours";

export interface Line {
  name: string;
  points: readonly Point[];
  colour: string;
  /** draws low and high around it */
  hasBand?: boolean;
  isDashed?: boolean;
  /** no entry in the legend: it goes on in another line of that name */
  isQuiet?: boolean;
}

interface Words {
  unit: string;
  lang: Lang;
  /** what a status is called */
  say: (status: Status) => string;
}

const told = (point: Point) => point.status === "published" && point.value !== null;

/** The lowest and the highest mark of an axis that these values stand well in; zero where it is near. */
export function ends(values: readonly number[]): { min: number; max: number; step: number } {
  if (values.length === 0) return { min: 0, max: 1, step: 0.5 };
  const high = Math.max(...values);
  const low = Math.min(...values) < 0.6 * high ? 0 : Math.min(...values);
  const rough = (high - low || Math.abs(high) || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((each) => each * power >= rough) ?? 10);
  // room at the foot for what is no number
  const min = low === 0 ? 0 : Math.max(0, Math.floor(low / step - 0.5) * step);
  return { min: exact(min), max: exact(Math.ceil(high / step + 0.2) * step), step };
}

/** Without what floats add. */
const exact = (value: number) => Number(value.toPrecision(10));

/** The option of a chart of lines over `periods`. */
export function linesOption(periods: readonly string[], lines: readonly Line[], { unit, lang, say }: Words): EChartsCoreOption {
  const at = (line: Line, period: string) => line.points.find((each) => each.period === period);
  const values = lines.flatMap((line) => line.points.filter(told).flatMap((each) => (line.hasBand ? [each.value!, each.low ?? each.value!, each.high ?? each.value!] : [each.value!])));
  const { min, max, step } = ends(values);
  const series = lines.flatMap((line, index) => {
    const points = periods.map((period) => at(line, period));
    const numbers = points.map((point) => (point && told(point) ? point.value : null));
    const missing = points.map((point) => (point && !told(point) ? min : null));
    const band = (pick: (point: Point) => number) => points.map((point) => (point && told(point) && point.low !== null ? pick(point) : null));
    const under = { type: "line", stack: `band ${index}`, symbol: "none", silent: true, lineStyle: { opacity: 0 }, tooltip: { show: false } };
    return [
      ...(line.hasBand
        ? [
            { ...under, name: `low ${index}`, data: band((point) => point.low!) },
            { ...under, name: `high ${index}`, data: band((point) => point.high! - point.low!), areaStyle: { color: line.colour, opacity: 0.16 } },
          ]
        : []),
      {
        type: "line", name: line.name, data: numbers, symbol: "circle", symbolSize: 7, connectNulls: false,
        itemStyle: { color: line.colour }, lineStyle: { color: line.colour, width: 2.4, type: line.isDashed ? "dashed" : "solid" },
      },
      {
        type: "scatter", name: `open ${index}`, data: missing, symbol: "circle", symbolSize: 11, silent: true, tooltip: { show: false },
        itemStyle: { color: "#fff", borderColor: NONE, borderType: "dotted", borderWidth: 2 },
      },
    ];
  });
  return {
    legend: { show: false }, // stands above the chart as text that wraps
    tooltip: {
      ...TOOLTIP,
      trigger: "axis",
      formatter: (all: { axisValue: string }[]) => {
        const period = all[0]!.axisValue;
        const rows = lines.flatMap((line) => {
          const point = at(line, period);
          if (!point) return [];
          const word = told(point) ? amount(point.value!, unit, lang) : say(point.status);
          const range = line.hasBand && told(point) && point.low !== null ? `  (${number(point.low, unit, lang)}–${number(point.high!, unit, lang)})` : "";
          return [`${line.name}  ${word}${range}`];
        });
        return [period, ...new Set(rows)].join("\n");
      },
    },
    grid: { left: 8, right: 20, top: 30, bottom: 8, containLabel: true },
    xAxis: { type: "category", data: [...periods], boundaryGap: periods.length < 4, axisLabel: { hideOverlap: true }, axisTick: { show: false }, axisLine: { lineStyle: { color: "#aab6c0" } } },
    yAxis: {
      type: "value", min, max, interval: step, axisLabel: { formatter: (value: number) => exact(value).toLocaleString("en-GB") }, name: unitName(unit, lang), nameTextStyle: { align: "left" }, nameGap: 10,
      splitLine: { lineStyle: { color: "#e4eaef" } },
    },
    series,
  };
}
