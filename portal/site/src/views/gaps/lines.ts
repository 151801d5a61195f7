/** Two groups over the years as a chart: a line each, the gap as a band between them, a dotted mark where there is no number. */
import type { EChartsCoreOption } from "echarts/core";
import type { Point } from "../../data/types";
import { overYears, pointAt } from "../../parts/years";

export interface Line {
  name: string;
  colour: string;
  points: readonly Point[];
}

interface Words {
  unit: string;
  told: (point: Point | undefined) => string;
  gap: string;
}

const shown = (point: Point | undefined): number | null =>
  point?.status === "published" && point.value !== null ? point.value : null;

/** The band: where it begins and how high it is, in the periods that have both numbers and in no other. */
export function band(periods: readonly string[], one: readonly Point[], other: readonly Point[]) {
  const at = (points: readonly Point[], period: string) => shown(points.find((each) => each.period === period));
  const pairs = periods.map((period) => [at(one, period), at(other, period)] as const);
  const both = (pair: readonly [number | null, number | null]): pair is readonly [number, number] => pair[0] !== null && pair[1] !== null;
  return {
    foot: pairs.map((pair) => (both(pair) ? Math.min(...pair) : null)),
    height: pairs.map((pair) => (both(pair) ? Math.abs(pair[0] - pair[1]) : null)),
  };
}

/** Lines of any number of groups; with two of them, the band. */
export function lines(periods: readonly string[], groups: readonly Line[], words: Words, tooltip: object): EChartsCoreOption {
  const without = periods.filter((period) => groups.some((line) => shown(pointAt(line, period)) === null));
  const two = groups.length === 2 ? band(periods, groups[0]!.points, groups[1]!.points) : null;
  const quiet = { type: "line", stack: "gap", symbol: "none", silent: true, lineStyle: { width: 0 }, tooltip: { show: false } };
  return {
    ...overYears(periods, groups, words, { scale: true }, tooltip),
    series: [
      ...(two
        ? [
            { ...quiet, name: "foot", data: two.foot },
            { ...quiet, name: words.gap, data: two.height, areaStyle: { color: "#0b5387", opacity: 0.1 } },
          ]
        : []),
      ...groups.map((line, index) => ({
        type: "line",
        name: line.name,
        data: periods.map((period) => shown(pointAt(line, period))),
        color: line.colour,
        lineStyle: { width: 2.5 },
        symbol: index === 0 ? "circle" : "diamond",
        symbolSize: index === 0 ? 8 : 10,
        connectNulls: false,
        ...(index === 0 && without.length
          ? {
              markLine: {
                silent: true,
                symbol: "none",
                lineStyle: { type: "dotted", color: "#8a97a3" },
                label: { show: false },
                data: without.map((period) => ({ xAxis: period })),
              },
            }
          : {}),
      })),
    ],
  };
}
