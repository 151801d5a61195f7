/** Walking a map with the arrows. */

export interface Spot {
  code: string;
  x: number;
  y: number;
}

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1],
};

/** The nearest place in the direction of an arrow, straight on before aside; the same place at the edge of the map. */
export function neighbour(spots: readonly Spot[], from: string, key: string): string {
  const step = STEPS[key];
  const here = spots.find((each) => each.code === from);
  if (!step || !here) return from;
  let best = from;
  let least = Infinity;
  for (const each of spots) {
    const [east, south] = [each.x - here.x, each.y - here.y];
    const on = east * step[0] + south * step[1];
    const aside = Math.abs(east * step[1]) + Math.abs(south * step[0]);
    // within a right angle of the arrow, so that going back leads back
    if (on <= 0 || aside > on) continue;
    if (on + 2 * aside < least) [best, least] = [each.code, on + 2 * aside];
  }
  return best;
}

/** Sides of squares where two prefectures meet, or the land ends, as path data on a grid of `width` by `height`. */
export function outline(
  tiles: readonly { column: number; row: number; parent: string }[], width: number, height: number,
): string {
  const owner = new Map(tiles.map((each) => [`${each.column} ${each.row}`, each.parent]));
  const at = (column: number, row: number) => owner.get(`${column} ${row}`);
  let path = "";
  for (const { column, row, parent } of tiles) {
    const [left, top, right, bottom] = [column * width, row * height, (column + 1) * width, (row + 1) * height];
    if (at(column, row - 1) !== parent) path += `M${left} ${top}H${right}`;
    if (at(column - 1, row) !== parent) path += `M${left} ${top}V${bottom}`;
    // the far sides belong to the neighbour, where there is one
    if (at(column, row + 1) === undefined) path += `M${left} ${bottom}H${right}`;
    if (at(column + 1, row) === undefined) path += `M${right} ${top}V${bottom}`;
  }
  return path;
}

/** A county's name as it stands in a small square: 西湖区 → 西湖, 景宁畲族自治县 → 景宁, "Xihu District" → "Xihu". */
export function brief(name: string): string {
  const chinese = /^(\p{Script=Han}{2,}?)(?:\p{Script=Han}族自治县|[区县市])$/u.exec(name);
  if (chinese) return chinese[1]!;
  return name.replace(/ (?:\S+ Autonomous )?(?:District|County|City)$/, "");
}
