/** Lines with their ranges as bands, and a dashed line for the target. */
import type { EChartsCoreOption } from "echarts/core";
import type { Point } from "../../data/types";
import { overYears, pointAt } from "../../parts/years";
import { rangeOf } from "./ranges";

export interface Banded {
  name: string;
  colour: string;
  points: readonly Point[];
}

interface Words {
  unit: string;
  told: (point: Point | undefined) => string;
  target: string;
}

/** A forecast's points and a share's are drawn alike: where no number is, line and band stop. */
export function banded(periods: readonly string[], drawn: readonly Banded[], target: number | undefined, words: Words, tooltip: object): EChartsCoreOption {
  return {
    ...overYears(periods, drawn, words, { min: 0 }, tooltip),
    series: drawn.flatMap((each, index) => {
      const ranges = periods.map((period) => rangeOf(pointAt(each, period)));
      const quiet = { type: "line", stack: `band ${index}`, symbol: "none", silent: true, lineStyle: { width: 0 } };
      return [
        { ...quiet, name: `${each.name} 0`, data: ranges.map((range) => range?.low ?? null) },
        { ...quiet, name: `${each.name} 1`, data: ranges.map((range) => (range ? range.high - range.low : null)), areaStyle: { color: each.colour, opacity: 0.18 } },
        {
          type: "line", name: each.name, color: each.colour, lineStyle: { width: 2.5 }, connectNulls: false,
          symbol: index === 0 ? "circle" : "diamond", symbolSize: index === 0 ? 8 : 10,
          data: ranges.map((range) => (range && !range.end ? range.value : null)),
          ...(index === 0 && target !== undefined
            ? {
                markLine: {
                  silent: true, symbol: "none", data: [{ yAxis: target }],
                  lineStyle: { type: "dashed", color: "#b45309" }, label: { formatter: words.target, position: "insideEndTop", color: "#7a4b00" },
                },
              }
            : {}),
        },
      ];
    }),
  };
}
