/** What is compared: areas by their code, groups of counties as `breakdown.member`; up to six, in the address. */
import { areaOf, cells, pointsOf, PROVINCE, seriesOf } from "../../data/select";
import type { AreaFile, Catalogue, Indicator, Named, Point, Realm, ValuesFile } from "../../data/types";
import type { Documents } from "./many";

export const MOST = 6;
/** Breakdowns of the province whose members are groups of counties. */
export const GROUPINGS = ["county_group", "county_group_fixed", "island"] as const;

export type Side =
  | { key: string; kind: "area"; code: string; named: Named }
  | { key: string; kind: "group"; dimension: string; member: string; named: Named };

/** A side by its key; null where there is no such area or group. */
export function sideOf(catalogue: Catalogue, key: string): Side | null {
  const area = areaOf(catalogue, key);
  if (area) return { key, kind: "area", code: key, named: area };
  const [dimension = "", member = ""] = key.split(".");
  if (!(GROUPINGS as readonly string[]).includes(dimension)) return null;
  const named = catalogue.dimensions[dimension]?.members.find((each) => each.code === member);
  return named ? { key, kind: "group", dimension, member, named: whole(catalogue, dimension, named) } : null;
}

/** "Other counties" alone does not say other than which. */
function whole(catalogue: Catalogue, dimension: string, named: Named & { code: string }): Named {
  if (named.code !== "rest") return named;
  const first = catalogue.dimensions[dimension]!.members.find((each) => each.code !== "rest");
  if (!first) return named;
  return { zh: `${first.zh}以外的县（市、区）`, en: `Counties outside ${first.en.charAt(0).toLowerCase()}${first.en.slice(1)}` };
}

/** The sides an address names: what is unknown or said twice is passed over. */
export function sidesOf(catalogue: Catalogue, asked: string): Side[] {
  const keys = [...new Set(asked.split(",").map((each) => each.trim()).filter(Boolean))];
  return keys.map((key) => sideOf(catalogue, key)).filter((each) => each !== null).slice(0, MOST);
}

/** What the page opens with: the place the reader comes from, the province, and the two fixed groups of counties, or two prefectures. */
export function opening(catalogue: Catalogue, realm: Realm, area: string): string {
  const hasCounties = catalogue.realms.some((each) => each.code === realm && each.counties > 0);
  const groups = !hasCounties ? [] : catalogue.dimensions.county_group_fixed?.members.map((each) => `county_group_fixed.${each.code}`) ?? [];
  const prefectures = catalogue.areas.filter((each) => each.level === "prefecture").slice(0, 2).map((each) => each.code);
  const place = area && area !== PROVINCE && areaOf(catalogue, area) ? [area] : [];
  return [...place, PROVINCE, ...(groups.length ? groups : prefectures)].join(",");
}

/** Groups a reader may add. */
export function groupsOf(catalogue: Catalogue): Side[] {
  return GROUPINGS.flatMap((dimension) =>
    (catalogue.dimensions[dimension]?.members ?? []).map((each) => sideOf(catalogue, `${dimension}.${each.code}`)!),
  );
}

const valuesPath = (realm: Realm, indicator: Indicator, dimension: string) =>
  `values/${realm}/${indicator.code}/${indicator.method}/${dimension}.json`;

/** The documents in which these sides' figures of these indicators stand. */
export function pathsOf(realm: Realm, sides: readonly Side[], indicators: readonly Indicator[]): string[] {
  return sides.flatMap((side) =>
    side.kind === "area"
      ? [`areas/${realm}/${side.code}.json`]
      : indicators
          .filter((each) => each.has[realm]?.dimensions.includes(side.dimension))
          .map((each) => valuesPath(realm, each, side.dimension)),
  );
}

/** A side's figures of one indicator and one method, oldest first. */
export function figuresOf(documents: Documents, realm: Realm, side: Side, indicator: Indicator): Point[] {
  if (side.kind === "area") {
    return seriesOf(documents.get(`areas/${realm}/${side.code}.json`) as AreaFile | undefined, indicator.code, indicator.method);
  }
  const file = documents.get(valuesPath(realm, indicator, side.dimension)) as ValuesFile | undefined;
  return file ? pointsOf(cells(file), PROVINCE, side.member) : [];
}
