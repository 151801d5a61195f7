/** A map an operator brings along: GeoJSON as drawings of counties, in a frame a thousand wide. Pure, and trusts nothing. */

export interface Shapes {
  width: number;
  height: number;
  /** by division code: path data, and the middle of what it draws */
  counties: Record<string, { path: string; x: number; y: number }>;
}

/** Why a file is no map of counties. */
export type Problem = "notJson" | "notGeo" | "noCounty" | "notDegrees" | "tooLarge";

export const LARGEST = 30_000_000;
const WIDTH = 1000;
type Ring = [number, number][];

/** The counties a file draws; a feature joins by its property `code` or `adcode`, others are passed over. */
export function shapes(text: string, codes: readonly string[]): Shapes | Problem {
  if (text.length > LARGEST) return "tooLarge";
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return "notJson";
  }
  const features = (read as { features?: unknown } | null)?.features;
  if (!Array.isArray(features)) return "notGeo";
  const wanted = new Set(codes);
  const found = new Map<string, Ring[]>();
  for (const feature of features) {
    const code = codeOf(feature);
    if (!code || !wanted.has(code)) continue;
    const rings = ringsOf((feature as { geometry?: unknown }).geometry);
    if (rings.length) found.set(code, [...(found.get(code) ?? []), ...rings]);
  }
  if (found.size === 0) return "noCounty";
  if ([...found.values()].flat(2).some(([east, north]) => Math.abs(east) > 180 || Math.abs(north) > 90)) return "notDegrees";
  return drawn(found);
}

function codeOf(feature: unknown): string | null {
  const properties = (feature as { properties?: Record<string, unknown> | null } | null)?.properties;
  const code = properties?.code ?? properties?.adcode;
  return typeof code === "string" || typeof code === "number" ? String(code).slice(0, 6) : null;
}

function ringsOf(geometry: unknown): Ring[] {
  const { type, coordinates } = (geometry ?? {}) as { type?: unknown; coordinates?: unknown };
  if (!Array.isArray(coordinates)) return [];
  const polygons: unknown[] = type === "Polygon" ? [coordinates] : type === "MultiPolygon" ? coordinates : [];
  return polygons.flatMap((polygon) => (Array.isArray(polygon) ? polygon : [])).map(ringOf).filter((ring) => ring.length > 2);
}

function ringOf(ring: unknown): Ring {
  return (Array.isArray(ring) ? ring : []).filter(
    (each): each is [number, number] => Array.isArray(each) && Number.isFinite(each[0]) && Number.isFinite(each[1]),
  );
}

/** Degrees as a plane drawing that keeps shapes upright in the middle of the map. */
function drawn(found: ReadonlyMap<string, Ring[]>): Shapes {
  let [west, south, east, north] = [180, 90, -180, -90];
  for (const ring of [...found.values()].flat()) {
    for (const [x, y] of ring) {
      west = Math.min(west, x);
      east = Math.max(east, x);
      south = Math.min(south, y);
      north = Math.max(north, y);
    }
  }
  const narrow = Math.cos((((north + south) / 2) * Math.PI) / 180) || 1;
  const scale = WIDTH / Math.max((east - west) * narrow, 1e-9);
  const place = ([x, y]: [number, number]): [number, number] => [
    Math.round((x - west) * narrow * scale), Math.round((north - y) * scale),
  ];
  const counties: Shapes["counties"] = {};
  for (const [code, rings] of found) {
    const lines = rings.map((ring) => ring.map(place));
    const biggest = lines.reduce((one, other) => (other.length > one.length ? other : one));
    counties[code] = { path: lines.map(pathOf).join(""), ...middle(biggest) };
  }
  return { width: WIDTH, height: Math.max(1, Math.round((north - south) * scale)), counties };
}

/** Points that fall on the one before them are left out: a file of megabytes becomes a drawing of some tens of kB. */
function pathOf(line: readonly [number, number][]): string {
  const kept = line.filter(([x, y], at) => at === 0 || x !== line[at - 1]![0] || y !== line[at - 1]![1]);
  return `${kept.map(([x, y], at) => `${at ? "L" : "M"}${x} ${y}`).join("")}Z`;
}

function middle(line: readonly [number, number][]): { x: number; y: number } {
  const between = (all: number[]) => (all.reduce((one, other) => Math.min(one, other), Infinity) + all.reduce((one, other) => Math.max(one, other), -Infinity)) / 2;
  return { x: between(line.map(([x]) => x)), y: between(line.map(([, y]) => y)) };
}

/** A drawing kept in the browser, if it still is one. */
export function kept(text: string | null): Shapes | null {
  if (!text) return null;
  try {
    const { width, height, counties } = JSON.parse(text) as Shapes;
    const whole = Object.entries(counties).every(
      ([code, { path, x, y }]) => /^\d{6}$/.test(code) && /^[MLZ\d -]*$/.test(path) && Number.isFinite(x) && Number.isFinite(y),
    );
    return whole && width > 0 && height > 0 ? { width, height, counties } : null;
  } catch {
    return null;
  }
}
