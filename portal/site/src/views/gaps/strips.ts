/** Counties as dots on one scale, a strip a group, with the group's published value as a bar. */
import type { EChartsCoreOption } from "echarts/core";

interface Strip {
  name: string;
  colour: string;
  /** null where it is not published */
  mean: number | null;
  dots: { name: string; value: number }[];
}

interface Words {
  unit: string;
  told: (value: number) => string;
}

const SPREAD = 30;

/** How far above or below the middle each dot stands, so that near ones do not hide each other: the same every time. */
export function offsets(values: readonly number[], low: number, high: number): number[] {
  const taken = new Map<number, number>();
  const width = (high - low) / 45 || 1;
  return values.map((value) => {
    const slot = Math.round((value - low) / width);
    const order = taken.get(slot) ?? 0;
    taken.set(slot, order + 1);
    const step = Math.ceil(order / 2) * 9 * (order % 2 ? -1 : 1);
    return Math.max(-SPREAD, Math.min(SPREAD, step));
  });
}

export function strips(groups: readonly Strip[], words: Words, tooltip: object): EChartsCoreOption {
  const values = groups.flatMap((group) => [...group.dots.map((dot) => dot.value), ...(group.mean === null ? [] : [group.mean])]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return {
    grid: { left: 8, right: 24, top: 8, bottom: 24, containLabel: true },
    tooltip: {
      ...tooltip,
      formatter: (hit: { name: string; value: [number, string] }) => `${hit.name}  ${words.told(hit.value[0])}`,
    },
    xAxis: { type: "value", scale: true, name: words.unit, nameLocation: "middle", nameGap: 28, splitLine: { lineStyle: { color: "#e6ebef" } } },
    yAxis: {
      type: "category", data: groups.map((group) => group.name), inverse: true, axisTick: { show: false },
      axisLine: { show: false }, axisLabel: { width: 130, overflow: "break", lineHeight: 18 },
    },
    series: groups.flatMap((group) => {
      const apart = offsets(group.dots.map((dot) => dot.value), low, high);
      return [
        {
          type: "scatter",
          symbolSize: 9,
          itemStyle: { color: group.colour, opacity: 0.55 },
          data: group.dots.map((dot, index) => ({ name: dot.name, value: [dot.value, group.name], symbolOffset: [0, apart[index]!] })),
        },
        {
          type: "scatter",
          symbol: "rect",
          symbolSize: [5, 84],
          itemStyle: { color: group.colour },
          data: group.mean === null ? [] : [{ name: group.name, value: [group.mean, group.name] }],
          label: { show: true, position: "right", distance: 8, formatter: (hit: { value: [number] }) => words.told(hit.value[0]), fontWeight: 600, offset: [0, -34], backgroundColor: "rgba(255,255,255,0.85)", padding: [1, 4] },
        },
      ];
    }),
  };
}
