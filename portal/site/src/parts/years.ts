/** What charts over the years have in common: legend, tooltip of all lines at a period, and the two axes. */
import type { EChartsCoreOption } from "echarts/core";
import type { Point } from "../data/types";

export interface Told {
  name: string;
  points: readonly Point[];
}

export const pointAt = (line: Told, period: string) => line.points.find((each) => each.period === period);

/** Everything of the option but its series; `from` is where the upright axis begins. */
export function overYears(
  periods: readonly string[], lines: readonly Told[], words: { unit: string; told: (point: Point | undefined) => string }, from: { min: 0 } | { scale: true }, tooltip: object,
): EChartsCoreOption {
  return {
    grid: { left: 8, right: 24, top: 44, bottom: 8, containLabel: true },
    legend: { top: 0, left: 0, icon: "roundRect", itemWidth: 18, itemHeight: 4, data: lines.map((line) => line.name) },
    tooltip: {
      ...tooltip,
      trigger: "axis",
      formatter: (hit: { axisValue: string }[]) => {
        const period = hit[0]?.axisValue ?? "";
        return [period, ...lines.map((line) => `${line.name}  ${words.told(pointAt(line, period))}`)].join("\n");
      },
    },
    xAxis: { type: "category", data: periods, axisTick: { show: false }, axisLine: { lineStyle: { color: "#9fb0be" } } },
    yAxis: { type: "value", ...from, name: words.unit, nameTextStyle: { align: "left" }, nameGap: 10, splitLine: { lineStyle: { color: "#e6ebef" } } },
  };
}
