/** Lines over time that are told apart by dash and marker as well as by colour, with gaps where there is no number. */
import type { EChartsCoreOption } from "echarts/core";
import { amount, number, unitName } from "../../data/format";
import type { Lang, Point, Status } from "../../data/types";
import { TOOLTIP } from "../../parts/Chart";
import { PALETTE } from "../../parts/colours";

export interface Line {
  name: string;
  points: readonly Point[];
}

export interface Look {
  colour: string;
  /** as SVG and echarts take it; empty for a whole line */
  dash: readonly number[];
  symbol: "circle" | "rect" | "triangle" | "diamond" | "emptyRect" | "emptyCircle";
}

/** One look a line; the palest colours are left out, they do not show as lines on white. */
export const LOOKS: readonly Look[] = [
  { colour: PALETTE[0], dash: [], symbol: "circle" },
  { colour: PALETTE[1], dash: [8, 4], symbol: "rect" },
  { colour: PALETTE[2], dash: [2, 3], symbol: "triangle" },
  { colour: PALETTE[6], dash: [12, 4, 2, 4], symbol: "diamond" },
  { colour: PALETTE[3], dash: [5, 2], symbol: "emptyRect" },
  { colour: "#8a5a00", dash: [14, 5], symbol: "emptyCircle" },
];

export const isNumber = (point: Point | undefined): point is Point & { value: number } =>
  point?.status === "published" && point.value !== null;

/** All periods of some lines, oldest first. */
export function periodsOf(lines: readonly Line[]): string[] {
  return [...new Set(lines.flatMap((line) => line.points.map((each) => each.period)))].sort();
}

/** Ends of an axis that holds the values with room to see them; never below nothing where nothing is. */
export function ends(values: readonly number[]): { min: number; max: number; interval: number } {
  if (values.length === 0) return { min: 0, max: 1, interval: 1 };
  const low = Math.min(...values);
  const high = Math.max(...values);
  const span = high - low || Math.abs(high) * 0.2 || 1;
  const rough = span / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const interval = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough)!;
  const min = Math.floor((low - span * 0.08) / interval) * interval;
  const max = Math.ceil((high + span * 0.08) / interval) * interval;
  const whole = (value: number) => Number(value.toPrecision(10));
  return { min: whole(low >= 0 ? Math.max(0, min) : min), max: whole(max), interval: whole(interval) };
}

interface Drawing {
  lines: readonly Line[];
  unit: string;
  lang: Lang;
  word: (status: Status) => string;
  /** a level to reach, with its words */
  target?: { value: number; label: string } | undefined;
}

export function lineOption({ lines, unit, lang, word, target }: Drawing): EChartsCoreOption {
  const periods = periodsOf(lines);
  const at = (line: Line, period: string) => line.points.find((each) => each.period === period);
  const values = lines.flatMap((line) => line.points.filter(isNumber).map((each) => each.value));
  const scale = ends(target ? [...values, target.value] : values);
  const told = (point: Point | undefined) =>
    isNumber(point) ? amount(point.value, unit, lang) : point ? word(point.status) : "—";
  const drawn = lines.map((line, place) => {
    const { colour, dash, symbol } = LOOKS[place % LOOKS.length]!;
    return {
      name: line.name, type: "line", connectNulls: false, symbol, symbolSize: 9, showSymbol: true, showAllSymbol: true,
      lineStyle: { color: colour, width: 2.4, type: dash.length ? [...dash] : "solid" },
      itemStyle: { color: colour, borderWidth: 2 }, emphasis: { disabled: true },
      data: periods.map((period) => {
        const point = at(line, period);
        return isNumber(point) ? point.value : null;
      }),
      ...(place === 0 && target ? { markLine: aim(target) } : {}),
    };
  });
  // no number: a dotted ring at the foot, aside of the others', and no line through it
  const rings = lines.map((line, place) => ({
    name: line.name, type: "scatter", symbol: "circle", symbolSize: 9, tooltip: { show: false }, emphasis: { disabled: true },
    symbolOffset: [(place - (lines.length - 1) / 2) * 12, -8],
    itemStyle: { opacity: 1, color: "#fff", borderColor: LOOKS[place % LOOKS.length]!.colour, borderWidth: 2, borderType: [2, 2] },
    data: periods.flatMap((period) => {
      const point = at(line, period);
      return point && !isNumber(point) ? [[period, scale.min]] : [];
    }),
  }));
  return {
    grid: { left: 8, right: target ? 20 : 24, top: 34, bottom: 8, containLabel: true },
    tooltip: {
      ...TOOLTIP, trigger: "axis",
      formatter: (marks: unknown) => {
        const period = periods[(marks as { dataIndex: number; axisValue?: string }[])[0]?.dataIndex ?? 0];
        const axis = (marks as { axisValue?: string }[])[0]?.axisValue ?? period ?? "";
        return [axis, ...lines.map((line) => `${line.name}  ${told(at(line, axis))}`)].join("\n");
      },
    },
    xAxis: { type: "category", data: periods, boundaryGap: true, axisTick: { alignWithLabel: true }, axisLabel: { color: "#51606d", hideOverlap: true } },
    yAxis: {
      type: "value", ...scale, name: unitName(unit, lang), nameTextStyle: { color: "#51606d", align: "left" }, nameGap: 14,
      axisLabel: { color: "#51606d", formatter: (value: number) => tick(value, unit, lang, scale.interval) }, splitLine: { lineStyle: { color: "#e3e9ee" } },
    },
    series: [...drawn, ...rings],
  };
}

function tick(value: number, unit: string, lang: Lang, interval: number): string {
  return Number.isInteger(interval) ? value.toLocaleString(lang === "zh" ? "zh-CN" : "en-GB") : number(value, unit, lang);
}

function aim({ value, label }: { value: number; label: string }) {
  return {
    silent: true, symbol: "none", animation: false,
    lineStyle: { color: "#51606d", type: [3, 3], width: 1.6 },
    label: { formatter: label, position: "insideEndTop", color: "#17252f", fontSize: 13 },
    data: [{ yAxis: value }],
  };
}

/** Periods at which the definition is another than before: numbers on both sides do not compare. */
export function versionChanges(points: readonly Point[]): { period: string; from: number; to: number }[] {
  const numbers = points.filter(isNumber);
  return numbers.flatMap((each, at) => {
    const before = numbers[at - 1];
    return before && before.version !== each.version ? [{ period: each.period, from: before.version, to: each.version }] : [];
  });
}
