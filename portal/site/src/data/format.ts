/** Numbers, dates and periods in the reader's language. Nothing here turns a missing number into one. */
import type { Indicator, Lang } from "./types";

interface Unit {
  digits: number;
  zh: (number: string) => string;
  en: (number: string) => string;
  /** what a chart's axis says */
  axis: { zh: string; en: string };
}

const bare = (number: string) => number;
const after = (word: string) => (number: string) => `${number}${word}`;
const UNITS: Readonly<Record<string, Unit>> = {
  pct: { digits: 1, zh: after("%"), en: after("%"), axis: { zh: "%", en: "%" } },
  years: { digits: 2, zh: after(" 年"), en: after(" years"), axis: { zh: "年", en: "years" } },
  persons: { digits: 0, zh: after(" 人"), en: bare, axis: { zh: "人", en: "persons" } },
  places: { digits: 0, zh: after(" 个学位"), en: after(" places"), axis: { zh: "个学位", en: "places" } },
  schools: { digits: 0, zh: after(" 所"), en: after(" schools"), axis: { zh: "所", en: "schools" } },
  figures: { digits: 0, zh: after(" 个"), en: after(" figures"), axis: { zh: "个", en: "figures" } },
  ratio: { digits: 2, zh: bare, en: bare, axis: { zh: "比值", en: "ratio" } },
  index: { digits: 3, zh: bare, en: bare, axis: { zh: "指数", en: "index" } },
  cny: { digits: 0, zh: after(" 元"), en: (number) => `¥${number}`, axis: { zh: "元", en: "yuan" } },
  per_1000: { digits: 1, zh: after("（每千人）"), en: after(" per 1,000"), axis: { zh: "每千人", en: "per 1,000" } },
  per_100000: {
    digits: 1, zh: after("（每十万人）"), en: after(" per 100,000"), axis: { zh: "每十万人", en: "per 100,000" },
  },
};
const PLAIN: Unit = { digits: 2, zh: bare, en: bare, axis: { zh: "", en: "" } };
const LOCALE: Readonly<Record<Lang, string>> = { zh: "zh-CN", en: "en-GB" };

const unitOf = (unit: string): Unit => UNITS[unit] ?? PLAIN;

/** The number alone, with the digits its unit is shown in. */
export function number(value: number, unit: string, lang: Lang): string {
  const { digits } = unitOf(unit);
  const rounded = Number(value.toFixed(digits)) || 0; // no "-0"
  return rounded
    .toLocaleString(LOCALE[lang], { minimumFractionDigits: digits, maximumFractionDigits: digits })
    .replace("-", "−");
}

/** The number with its unit. */
export function amount(value: number, unit: string, lang: Lang): string {
  return unitOf(unit)[lang](number(value, unit, lang));
}

/** A difference, with its sign; a difference of percentages is in points. */
export function difference(by: number, unit: string, lang: Lang): string {
  const rounded = Number(by.toFixed(unitOf(unit).digits));
  const sign = rounded > 0 ? "+" : rounded < 0 ? "−" : "±";
  return `${sign}${distanceInWords(Math.abs(by), unit, lang)}`;
}

/** A distance without a sign; of percentages in points. */
export function distanceInWords(by: number, unit: string, lang: Lang): string {
  if (unit === "pct") return lang === "zh" ? `${number(by, unit, lang)} 个百分点` : `${number(by, unit, lang)} points`;
  return amount(by, unit, lang);
}

/** What stands beside an axis or at the head of a column. */
export function unitName(unit: string, lang: Lang): string {
  return unitOf(unit).axis[lang];
}

/** The unit the figures of an indicator are in: a derived one may take that of what it is made of. */
export function unitFor(indicator: Indicator, input?: Indicator): string {
  return indicator.unit === "input" ? (input?.unit ?? "index") : indicator.unit;
}

/** A day, for people. */
export function day(iso: string, lang: Lang): string {
  const date = new Date(iso.length === 10 ? `${iso}T00:00:00Z` : iso);
  if (Number.isNaN(date.getTime())) return iso;
  const zone = iso.length === 10 ? "UTC" : "Asia/Shanghai";
  const month = lang === "zh" ? "long" : "short";
  return date.toLocaleDateString(LOCALE[lang], { year: "numeric", month, day: "numeric", timeZone: zone });
}

/** A count of things. */
export function count(value: number, lang: Lang): string {
  return Math.round(value).toLocaleString(LOCALE[lang]);
}
