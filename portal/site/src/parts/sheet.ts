/** A table as files: what a reader sees can be taken along, with the words for what there is no number of. */
import { amount } from "../data/format";
import type { Cell } from "../data/select";
import { areaOf } from "../data/select";
import type { Indicator, Point } from "../data/types";
import type { Site } from "../site";
import { PARTS } from "../words/parts";
import { type Say, sayer } from "../words";

export type Value = string | number | null;

export interface Sheet {
  /** of the file, without its ending */
  name: string;
  columns: readonly string[];
  rows: readonly (readonly Value[])[];
}

/** What the byte order mark is for: spreadsheets then read the file as UTF-8. */
const MARK = "\uFEFF";

/** RFC 4180; a text that a spreadsheet would take for a formula is quoted as text. */
export function csv(sheet: Sheet): string {
  const lines = [sheet.columns, ...sheet.rows].map((row) => row.map(field).join(","));
  return `${MARK}${lines.join("\r\n")}\r\n`;
}

function field(value: Value): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** An array of objects by the columns' names. */
export function json(sheet: Sheet): string {
  const rows = sheet.rows.map((row) => Object.fromEntries(sheet.columns.map((name, at) => [name, row[at] ?? null])));
  return `${JSON.stringify(rows, null, 1)}\n`;
}

/** Rows for a spreadsheet, each cell with its type; a formula is never written. */
export function spreadsheet(sheet: Sheet) {
  const head = sheet.columns.map((value) => ({ value, fontWeight: "bold" as const }));
  const body = sheet.rows.map((row) =>
    row.map((value) =>
      value === null
        ? null
        : typeof value === "number"
          ? { value, type: Number }
          : { value, type: String },
    ),
  );
  return [head, ...body];
}

/** Figures of one indicator as a sheet: the same columns in whichever view they are taken from. */
export function figures(
  site: Site, indicator: Indicator, points: readonly (Point & { area: string; member?: string })[], unit = indicator.unit,
): Sheet {
  const say = sayer(PARTS, site.lang);
  const columns = [
    "indicator", "method", "area_code", "area", "period", "member", "status", "value", "value_low", "value_high", "unit",
    "numerator", "denominator", "coverage_pct", "as_of", "definition_version", "note", "realm", "release",
  ];
  const rows = points.map((each): Value[] => {
    const area = areaOf(site.catalogue, each.area);
    return [
      indicator.code, indicator.method, each.area, area ? site.name(area) : each.area, each.period,
      each.member ?? "total", say(each.status), each.value, each.low, each.high, unit, each.numerator,
      each.denominator, each.coverage, each.as_of, each.version, each.note, site.realm, site.catalogue.release.id,
    ];
  });
  return { name: fileName(indicator.code, indicator.method, site.realm, String(site.catalogue.release.id)), columns, rows };
}

/** A file's name from codes, safe on every system. */
export function fileName(...parts: string[]): string {
  return parts.map((part) => part.replace(/[^\p{L}\p{N}_.-]+/gu, "-")).join("_");
}

/** A share near all or none of a small group is published as a bound, to protect people: "at most 5 %". */
export function bounded(point: Pick<Point, "note">, told: string, say: Say<typeof PARTS>): string {
  if (point.note === "at_most") return say("atMost", { high: told });
  return point.note === "at_least" ? say("atLeast", { low: told }) : told;
}

/** The point of a breakdown in words, for labels that a screen reader speaks. */
export function spoken(site: Site, cell: Cell | Point, unit: string): string {
  return cell.status === "published" && cell.value !== null
    ? bounded(cell, amount(cell.value, unit, site.lang), sayer(PARTS, site.lang))
    : sayer(PARTS, site.lang)(cell.status);
}
