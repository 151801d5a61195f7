/** Okabe and Ito's colours (2008), told apart by colour-blind readers; the yellow is left out, it does not show on white. */
export const PALETTE = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#4d4d4d"] as const;

/** One hue from light to dark for maps and ranks. */
export const RAMP = ["#e8f1f8", "#c3dcee", "#93c0df", "#5a9dc9", "#2a78ad", "#0b5387", "#06345a"] as const;

/** What there is no number for, in charts. */
export const NONE = "#8a97a3";

/** Invented data never looks like the real: its banner. */
export const FONT = '"Noto Sans CJK SC","Noto Sans SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",system-ui,sans-serif';

/** The colour of a value between two ends of a ramp. */
export function shade(value: number, low: number, high: number): string {
  const share = high > low ? (value - low) / (high - low) : 0.5;
  return RAMP[Math.min(RAMP.length - 1, Math.max(0, Math.floor(share * RAMP.length)))]!;
}

/** Whether white text reads better than dark on that colour. */
export function isDark(colour: string): boolean {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.25;
}
